package main

import (
	"context"
	"maps"
	"sync"

	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/network"
)

// requestCount counts what other nodes ask of the DHT here, by the kind of message.
type requestCount struct {
	mu     sync.Mutex
	byKind map[string]int
}

func newRequestCount() *requestCount {
	return &requestCount{byKind: map[string]int{}}
}

func (r *requestCount) count(_ context.Context, _ network.Stream, message *pb.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byKind[message.GetType().String()]++
}

func (r *requestCount) all() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.byKind)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// A request may take this long; tests have shorter limits of their own.
const requestLimit = 60 * time.Second

// The longest line that is read: 10,000 keys of 80 characters fit.
const maxLineBytes = 1 << 20

// Lines writes JSON objects, one a line, from any goroutine.
type Lines struct {
	mu  sync.Mutex
	out *json.Encoder
}

// NewLines writes to out.
func NewLines(out io.Writer) *Lines {
	return &Lines{out: json.NewEncoder(out)}
}

// Write ends the program if nobody reads any more.
func (l *Lines) Write(line map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.out.Encode(line); err != nil {
		fmt.Fprintln(os.Stderr, "peer: write an answer:", err)
		os.Exit(1)
	}
}

type request struct {
	ID      int      `json:"id"`
	Do      string   `json:"do"`
	Node    int      `json:"node"`
	Address string   `json:"address"`
	Peer    string   `json:"peer"`
	Key     string   `json:"key"`
	Keys    []string `json:"keys"`
	Count   int      `json:"count"`
	Classic bool     `json:"classic"`
}

// Serve answers requests, each in a goroutine of its own, until "quit" or the end of input.
func Serve(ctx context.Context, nodes []*Node, in io.Reader, out *Lines) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		if asked.Do == "quit" {
			return nil
		}
		if asked.Node < 0 || asked.Node >= len(nodes) {
			return fmt.Errorf("there is no node %d", asked.Node)
		}
		node := nodes[asked.Node]
		go func() {
			ctx, cancel := context.WithTimeout(ctx, requestLimit)
			defer cancel()
			answer, err := node.answer(ctx, asked)
			if err != nil {
				answer = map[string]any{"error": err.Error()}
			}
			answer["id"] = asked.ID
			out.Write(answer)
		}()
	}
	return lines.Err()
}

func (n *Node) answer(ctx context.Context, asked request) (map[string]any, error) {
	switch asked.Do {
	case "connect":
		address, err := ma.NewMultiaddr(asked.Address)
		if err != nil {
			return nil, err
		}
		id, err := n.Connect(ctx, address)
		if err != nil {
			return nil, err
		}
		return map[string]any{"peer": id.String()}, nil
	case "disconnect":
		id, err := peer.Decode(asked.Peer)
		if err != nil {
			return nil, err
		}
		return map[string]any{}, n.host.Network().ClosePeer(id)
	case "refresh":
		return map[string]any{}, n.Refresh(ctx)
	case "table":
		return map[string]any{"peers": ids(n.dht.RoutingTable().ListPeers())}, nil
	case "requests":
		return map[string]any{"requests": n.requests.all()}, nil
	case "connections":
		return map[string]any{"connections": n.connections()}, nil
	case "known":
		id, err := peer.Decode(asked.Peer)
		if err != nil {
			return nil, err
		}
		return n.known(id)
	case "provide":
		return map[string]any{}, n.Provide(ctx, asked.Keys, asked.Classic)
	case "withdraw":
		return map[string]any{}, n.Withdraw(asked.Keys)
	case "held":
		id, err := peer.Decode(asked.Peer)
		if err != nil {
			return nil, err
		}
		count, err := n.Held(ctx, asked.Keys, id)
		return map[string]any{"count": count}, err
	case "find":
		start := time.Now()
		infos, first, err := n.Find(ctx, asked.Key, asked.Count)
		if err != nil {
			return nil, err
		}
		providers := []map[string]any{}
		for _, info := range infos {
			providers = append(providers, map[string]any{"peer": info.ID.String(), "addresses": texts(info.Addrs)})
		}
		return map[string]any{
			"providers":   providers,
			"micros":      time.Since(start).Microseconds(),
			"firstMicros": first.Microseconds(),
		}, nil
	case "ping":
		id, err := peer.Decode(asked.Peer)
		if err != nil {
			return nil, err
		}
		took, err := n.Ping(ctx, id)
		return map[string]any{"micros": took.Microseconds()}, err
	default:
		return nil, fmt.Errorf("there is no request %q", asked.Do)
	}
}

func (n *Node) connections() []map[string]any {
	list := []map[string]any{}
	for _, c := range n.host.Network().Conns() {
		list = append(list, map[string]any{
			"peer":      c.RemotePeer().String(),
			"remote":    c.RemoteMultiaddr().String(),
			"direction": c.Stat().Direction.String(),
			"security":  string(c.ConnState().Security),
			"muxer":     string(c.ConnState().StreamMultiplexer),
			"early":     c.ConnState().UsedEarlyMuxerNegotiation,
			"streams":   len(c.GetStreams()),
			"seconds":   int(time.Since(c.Stat().Opened).Seconds()),
		})
	}
	return list
}

func (n *Node) known(id peer.ID) (map[string]any, error) {
	protocols, err := n.host.Peerstore().GetProtocols(id)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, protocol := range protocols {
		names = append(names, string(protocol))
	}
	return map[string]any{"addresses": texts(n.host.Peerstore().Addrs(id)), "protocols": names}, nil
}

func texts(addresses []ma.Multiaddr) []string {
	list := []string{}
	for _, address := range addresses {
		list = append(list, address.String())
	}
	return list
}

func ids(peers []peer.ID) []string {
	list := []string{}
	for _, id := range peers {
		list = append(list, id.String())
	}
	return list
}

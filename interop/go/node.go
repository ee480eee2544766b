package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/provider"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/multiformats/go-multihash"
)

const (
	// How often a record is sent again, how much later it may be, and how long holders keep it: what Go nodes of a cluster use.
	reprovideInterval = 15 * time.Minute
	maxReprovideDelay = 2 * time.Minute
	recordValidity    = reprovideInterval + 2*maxReprovideDelay
	addressValidity   = time.Hour
	onlineCheck       = 30 * time.Second
)

// Settings say how a node is started.
type Settings struct {
	Listen   string
	Seed     []byte
	Security []string
	// With the pre-shared key, if the network is a private one.
	KeyFile string
	// How many nodes share this address and process.
	Nodes int
}

// Node is a running libp2p host with a DHT and what provides keys in it.
type Node struct {
	host     host.Host
	dht      *dht.IpfsDHT
	provider *provider.SweepingProvider
	ping     *ping.PingService
	requests *requestCount
}

// Start brings a node up. Watch is told of peers that the routing table admits ("added") and loses ("removed").
func Start(settings Settings, watch func(event, peer string)) (*Node, error) {
	options, err := settings.hostOptions()
	if err != nil {
		return nil, err
	}
	h, err := libp2p.New(options...)
	if err != nil {
		return nil, fmt.Errorf("start the host: %w", err)
	}
	requests := newRequestCount()
	d, err := dht.New(h,
		dht.OnRequestHook(requests.count),
		dht.Mode(dht.ModeServer),
		dht.ProtocolPrefix("/spegel"),
		dht.ProviderManagerOpts(records.ProvideValidity(recordValidity), records.ProviderAddrTTL(addressValidity)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the DHT: %w", err), h.Close())
	}
	table := d.RoutingTable()
	added, removed := table.PeerAdded, table.PeerRemoved
	table.PeerAdded = func(p peer.ID) { added(p); watch("added", p.String()) }
	table.PeerRemoved = func(p peer.ID) { removed(p); watch("removed", p.String()) }
	sweeping, err := provider.New(
		provider.WithHost(h),
		provider.WithRouter(d),
		provider.WithMessageSender(d.MessageSender()),
		provider.WithSelfAddrs(h.Addrs),
		provider.WithReprovideInterval(reprovideInterval),
		provider.WithMaxReprovideDelay(maxReprovideDelay),
		provider.WithOfflineDelay(0),
		provider.WithConnectivityCheckOnlineInterval(onlineCheck),
		provider.WithAddLocalRecord(func(ctx context.Context, key multihash.Multihash) error {
			return d.ProviderStore().AddProvider(ctx, key, peer.AddrInfo{ID: h.ID()})
		}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the provider: %w", err), d.Close(), h.Close())
	}
	return &Node{host: h, dht: d, provider: sweeping, ping: ping.NewPingService(h), requests: requests}, nil
}

func (s Settings) hostOptions() ([]libp2p.Option, error) {
	at, err := net.ResolveTCPAddr("tcp", s.Listen)
	if err != nil {
		return nil, fmt.Errorf("read the address to listen on: %w", err)
	}
	listen, err := manet.FromNetAddr(at)
	if err != nil {
		return nil, fmt.Errorf("read the address to listen on: %w", err)
	}
	options := []libp2p.Option{
		libp2p.NoTransports,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.ListenAddrs(listen),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.DisableMetrics(),
		libp2p.UserAgent("spegel-interop-go"),
	}
	if s.Nodes > 1 {
		// go-libp2p takes eight connections from one address, and its limits for a process are for one host.
		options = append(options, libp2p.ResourceManager(&network.NullResourceManager{}))
	} else {
		options = append(options, libp2p.AddrsFactory(withoutLoopback))
	}
	if s.KeyFile != "" {
		file, err := os.ReadFile(s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the pre-shared key: %w", err)
		}
		key, err := pnet.DecodeV1PSK(bytes.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("read the pre-shared key: %w", err)
		}
		options = append(options, libp2p.PrivateNetwork(key))
	}
	for _, way := range s.Security {
		switch way {
		case "tls":
			options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
		case "noise":
			options = append(options, libp2p.Security(noise.ID, noise.New))
		default:
			return nil, fmt.Errorf("security is tls or noise, got %q", way)
		}
	}
	if len(s.Seed) > 0 {
		if len(s.Seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("a seed has %d bytes, got %d", ed25519.SeedSize, len(s.Seed))
		}
		key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(s.Seed))
		if err != nil {
			return nil, fmt.Errorf("read the seed: %w", err)
		}
		options = append(options, libp2p.Identity(key))
	}
	return options, nil
}

func withoutLoopback(addresses []ma.Multiaddr) []ma.Multiaddr {
	kept := []ma.Multiaddr{}
	for _, address := range addresses {
		if !manet.IsIPLoopback(address) {
			kept = append(kept, address)
		}
	}
	return kept
}

// Close ends the node's parts in the reverse order of their start.
func (n *Node) Close() error {
	return errors.Join(n.provider.Close(), n.dht.Close(), n.host.Close())
}

// Connect makes sure of a connection with the peer that the address names. If it names none, the node dials a peer ID that nobody
// has, learns from the mismatch who is there, and dials again, as Go nodes of a cluster do with what DNS tells them.
func (n *Node) Connect(ctx context.Context, address ma.Multiaddr) (peer.ID, error) {
	transport, id := peer.SplitAddr(address)
	if id == "" {
		found, err := n.whoIsAt(ctx, transport)
		if err != nil {
			return "", err
		}
		id = found
	}
	return id, n.host.Connect(ctx, peer.AddrInfo{ID: id, Addrs: []ma.Multiaddr{transport}})
}

func (n *Node) whoIsAt(ctx context.Context, address ma.Multiaddr) (peer.ID, error) {
	_, public, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	nobody, err := peer.IDFromPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("name a key: %w", err)
	}
	defer n.host.Peerstore().RemovePeer(nobody)
	defer n.host.Peerstore().ClearAddrs(nobody)
	err = n.host.Connect(ctx, peer.AddrInfo{ID: nobody, Addrs: []ma.Multiaddr{address}})
	var mismatch sec.ErrPeerIDMismatch
	if !errors.As(err, &mismatch) {
		return "", fmt.Errorf("learn who is at %s: %w", address, err)
	}
	return mismatch.Actual, nil
}

// Refresh looks up the node's surroundings as after bootstrap, and waits for it.
func (n *Node) Refresh(ctx context.Context) error {
	select {
	case err := <-n.dht.RefreshRoutingTable():
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Provide announces keys: by sweeping, which sends them in the background, or one by one, which waits.
func (n *Node) Provide(ctx context.Context, names []string, classic bool) error {
	keys := make([]multihash.Multihash, 0, len(names))
	for _, name := range names {
		key, err := keyOf(name)
		if err != nil {
			return err
		}
		if classic {
			if err := n.dht.Provide(ctx, key, true); err != nil {
				return fmt.Errorf("provide %q: %w", name, err)
			}
			continue
		}
		if err := n.dht.ProviderStore().AddProvider(ctx, key.Hash(), peer.AddrInfo{ID: n.host.ID()}); err != nil {
			return fmt.Errorf("store %q: %w", name, err)
		}
		keys = append(keys, key.Hash())
	}
	if classic {
		return nil
	}
	return n.provider.StartProviding(false, keys...)
}

// Withdraw stops announcing keys. What was announced already stays with its holders until it expires.
func (n *Node) Withdraw(names []string) error {
	keys := make([]multihash.Multihash, 0, len(names))
	for _, name := range names {
		key, err := keyOf(name)
		if err != nil {
			return err
		}
		keys = append(keys, key.Hash())
	}
	return n.provider.StopProviding(keys...)
}

// Held counts the keys for which this node itself holds a valid record by the peer.
func (n *Node) Held(ctx context.Context, names []string, by peer.ID) (int, error) {
	count := 0
	for _, name := range names {
		key, err := keyOf(name)
		if err != nil {
			return 0, err
		}
		holders, err := n.dht.ProviderStore().GetProviders(ctx, key.Hash())
		if err != nil {
			return 0, fmt.Errorf("read the records of %q: %w", name, err)
		}
		for _, holder := range holders {
			if holder.ID == by {
				count++
				break
			}
		}
	}
	return count, nil
}

// Find looks for providers of a key other than this node, count of them or, if that is 0, all. It also says how long the first took.
func (n *Node) Find(ctx context.Context, name string, count int) ([]peer.AddrInfo, time.Duration, error) {
	key, err := keyOf(name)
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	var first time.Duration
	// A provider may come twice, the second time with addresses.
	found := map[peer.ID]peer.AddrInfo{}
	for info := range n.dht.FindProvidersAsync(ctx, key, count) {
		if info.ID != n.host.ID() {
			if len(found) == 0 {
				first = time.Since(start)
			}
			found[info.ID] = info
		}
	}
	infos := []peer.AddrInfo{}
	for _, info := range found {
		infos = append(infos, info)
	}
	return infos, first, ctx.Err()
}

// Ping measures one round trip.
func (n *Node) Ping(ctx context.Context, id peer.ID) (time.Duration, error) {
	ctx, cancel := context.WithCancel(network.WithNoDial(ctx, "only what is connected"))
	defer cancel()
	result := <-n.ping.Ping(ctx, id)
	return result.RTT, result.Error
}

// keyOf names content in the DHT: the SHA-256 of its name, as the hash of a raw CID.
func keyOf(name string) (cid.Cid, error) {
	hash, err := multihash.Sum([]byte(name), multihash.SHA2_256, -1)
	if err != nil {
		return cid.Undef, fmt.Errorf("hash %q: %w", name, err)
	}
	return cid.NewCidV1(cid.Raw, hash), nil
}

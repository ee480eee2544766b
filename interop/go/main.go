// Command peer is a libp2p node with a Kademlia DHT on go-libp2p, set up as a Go node of a Spegel cluster is. Tests steer it:
// it reads requests from standard input and writes answers to standard output, one JSON object a line (see docs/interoperability.md).
package main

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	settings := Settings{}
	var seed, security string
	flag.StringVar(&settings.Listen, "listen", "0.0.0.0:5001", "IP address and TCP port to listen on")
	flag.StringVar(&seed, "seed", "", "Ed25519 seed of the identity, 32 bytes in hex; a random one if empty")
	flag.StringVar(&security, "security", "tls,noise", "ways of securing a connection, most wanted first")
	flag.StringVar(&settings.KeyFile, "psk-file", "", "file with the pre-shared key of a private network")
	flag.IntVar(&settings.Nodes, "nodes", 1, "how many nodes to run; above 1, all on one address, so they announce loopback and have no resource limits")
	flag.Parse()
	settings.Security = strings.Split(security, ",")
	if settings.Nodes < 1 || (settings.Nodes > 1 && seed != "") {
		fmt.Fprintln(os.Stderr, "peer: there is at least one node, and a seed is for one only")
		os.Exit(2)
	}
	if err := run(settings, seed); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run(settings Settings, seed string) error {
	if seed != "" {
		bytes, err := hex.DecodeString(seed)
		if err != nil {
			return fmt.Errorf("read the seed: %w", err)
		}
		settings.Seed = bytes
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := NewLines(os.Stdout)
	nodes := []*Node{}
	for range settings.Nodes {
		node, err := Start(settings, func(event, peer string) {
			out.Write(map[string]any{"event": event, "peer": peer})
		})
		if err != nil {
			return err
		}
		defer node.Close()
		nodes = append(nodes, node)
		out.Write(map[string]any{"event": "started", "peer": node.host.ID().String(), "addresses": texts(node.host.Addrs())})
	}
	return Serve(ctx, nodes, os.Stdin, out)
}

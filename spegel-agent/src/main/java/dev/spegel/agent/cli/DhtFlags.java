package dev.spegel.agent.cli;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.oci.Quoted;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The flags by which a node meets the DHT; names, defaults and meanings are the Go implementation's, but for {@link #PSK_FILE}, which it lacks. */
final class DhtFlags {
    static final Flag ROUTER_ADDR = Flag.one(
                    "--router-addr", "ADDR", "The DHT listens here: host:port, or :port for all interfaces.")
            .withDefault(":5001");
    static final Flag DATA_DIR = Flag.one(
            "--data-dir", "DIR", "Keeps this node's key, so that it stays the same node when it starts again.");
    static final Flag PSK_FILE = Flag.one(
            "--psk-file",
            "FILE",
            "The pre-shared key of a private network, as libp2p's swarm.key; others stay outside.");
    static final Flag BOOTSTRAP_KIND =
            Flag.one("--bootstrap-kind", "KIND", "How to meet the first nodes of the DHT: dns, http or static.");
    static final Flag DNS_BOOTSTRAP_DOMAIN = Flag.one(
            "--dns-bootstrap-domain", "NAME", "dns: the name whose lowest addresses, three a family, are asked.");
    static final Flag HTTP_BOOTSTRAP_ADDR =
            Flag.one("--http-bootstrap-addr", "ADDR", "http: serve /id here, where others learn of this node.");
    static final Flag HTTP_BOOTSTRAP_URL = Flag.one(
            "--http-bootstrap-url", "URL", "http: fetch the first nodes here, from another's /id for instance.");
    static final Flag HTTP_BOOTSTRAP_CERT_DIR = Flag.one(
            "--http-bootstrap-cert-dir",
            "DIR",
            "http: has ca.crt, which vouches for the URL's server, or tls.crt and tls.key, to be shown to it, or all.");
    static final Flag STATIC_BOOTSTRAP_PEERS = Flag.list(
            "--static-bootstrap-peers", "MULTIADDR", "static: the first nodes, as /ip4/10.0.0.1/tcp/5001/p2p/12D3….");

    static final List<Flag> DNS = List.of(DNS_BOOTSTRAP_DOMAIN);
    static final List<Flag> HTTP = List.of(HTTP_BOOTSTRAP_ADDR, HTTP_BOOTSTRAP_URL, HTTP_BOOTSTRAP_CERT_DIR);
    static final List<Flag> STATIC = List.of(STATIC_BOOTSTRAP_PEERS);

    /** All of them. */
    static final List<Flag> ALL = List.of(
            ROUTER_ADDR,
            DATA_DIR,
            PSK_FILE,
            BOOTSTRAP_KIND,
            DNS_BOOTSTRAP_DOMAIN,
            HTTP_BOOTSTRAP_ADDR,
            HTTP_BOOTSTRAP_URL,
            HTTP_BOOTSTRAP_CERT_DIR,
            STATIC_BOOTSTRAP_PEERS);

    private DhtFlags() {}

    /** Reads {@link #PSK_FILE}. */
    static PreSharedKey preSharedKey(String file) {
        try {
            return PreSharedKey.load(Path.of(file));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("this isn't a path: " + Quoted.of(file), e);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + Quoted.of(file), e);
        } catch (MalformedException e) {
            throw new IllegalArgumentException("%s: %s".formatted(Quoted.of(file), e.getMessage()), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("%s can't be read: %s".formatted(Quoted.of(file), e), e);
        }
    }
}

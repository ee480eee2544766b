package dev.spegel.interop;

import dev.spegel.libp2p.host.HostConfig;
import dev.spegel.libp2p.host.HostConfig.Security;
import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.pnet.PreSharedKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What our programs are started with.
 *
 * @param seed of the identity, in hex; a random one if empty
 * @param keyFile has the pre-shared key of a private network
 * @param bootstrap the address of a node to start from, for a router
 * @param registryPort what a router announces
 */
record PeerFlags(
        InetSocketAddress listen,
        Optional<String> seed,
        List<Security> security,
        Optional<Path> keyFile,
        Optional<String> bootstrap,
        int registryPort) {
    static PeerFlags parse(String... arguments) throws UnknownHostException {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            given.put(arguments[i], arguments[i + 1]);
        }
        String listen = given.getOrDefault("--listen", "0.0.0.0:5001");
        int colon = listen.lastIndexOf(':');
        return new PeerFlags(
                new InetSocketAddress(
                        InetAddress.getByName(listen.substring(0, colon)),
                        Integer.parseInt(listen.substring(colon + 1))),
                Optional.ofNullable(given.get("--seed")),
                Arrays.stream(given.getOrDefault("--security", "noise,tls").split(",", -1))
                        .map(name -> Security.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList(),
                Optional.ofNullable(given.get("--psk-file")).map(Path::of),
                Optional.ofNullable(given.get("--bootstrap")),
                Integer.parseInt(given.getOrDefault("--registry-port", "5000")));
    }

    /** Sets what the flags say of securing connections. */
    void secure(HostConfig.Builder host) throws IOException {
        host.security(security.toArray(Security[]::new));
        if (keyFile.isPresent()) {
            host.preSharedKey(PreSharedKey.load(keyFile.get()));
        }
    }

    KeyPair keyPair() {
        return seed.map(HexFormat.of()::parseHex).map(KeyPair::ofSeed).orElseGet(KeyPair::generate);
    }
}

package dev.spegel.libp2p.kad;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * How a {@link KadDht} takes part in which network.
 *
 * @param prefix what sets this network apart from others; all of its nodes have the same. A slash and a name, once or more often
 * @param server whether this node answers others, and so comes into their routing tables. A client only asks and announces
 * @param kad how the node behaves
 */
public record KadDhtConfig(String prefix, boolean server, KadConfig kad) {
    /** Protocol names are printable and have no blanks; this one is read in logs and metrics as well. */
    private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9._-]+)+");

    /** Ample for a name. */
    private static final int MAX_PREFIX_LENGTH = 64;

    /** A server of the public network of IPFS: libp2p/specs, kad-dht/README.md. */
    public static final KadDhtConfig DEFAULTS = new KadDhtConfig("/ipfs", true, KadConfig.DEFAULTS);

    /** @throws IllegalArgumentException if the prefix isn't one */
    public KadDhtConfig {
        requireNonNull(prefix, "prefix");
        requireNonNull(kad, "kad");
        if (prefix.length() > MAX_PREFIX_LENGTH || !PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "a prefix is a slash and a name, like \"/ipfs\", of at most %d characters, got \"%s\""
                            .formatted(MAX_PREFIX_LENGTH, prefix.substring(0, Math.min(prefix.length(), 80))));
        }
    }

    /** The same for another network. */
    public KadDhtConfig withPrefix(String prefix) {
        return new KadDhtConfig(prefix, server, kad);
    }

    /** The same as a server or as a client. */
    public KadDhtConfig withServer(boolean server) {
        return new KadDhtConfig(prefix, server, kad);
    }

    /** The same with another behaviour. */
    public KadDhtConfig withKad(KadConfig kad) {
        return new KadDhtConfig(prefix, server, kad);
    }

    /** The protocol that the nodes of the network speak: the prefix and {@code /kad/1.0.0}. */
    public String protocol() {
        return prefix + "/kad/1.0.0";
    }
}

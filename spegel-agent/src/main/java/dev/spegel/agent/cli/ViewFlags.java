package dev.spegel.agent.cli;

import dev.spegel.agent.BootstrapConfig;
import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.libp2p.pnet.PreSharedKey;
import dev.spegel.oci.Quoted;
import java.util.List;
import java.util.Optional;

/** The flags of commands that look at the network: through whose eyes, and how they say what they see. */
final class ViewFlags {
    static final Flag OUTPUT = Flag.one("--output", "FORMAT", "text or json.").withDefault("text");

    private static final Flag ROUTER_ADDR = Flag.one(
                    DhtFlags.ROUTER_ADDR.name(),
                    "ADDR",
                    "dns: the port of the DHT on the nodes that the name stands for.")
            .withDefault(":5001");

    static final List<FlagGroup> GROUPS = List.of(
            new FlagGroup("Flags", List.of(AskedAgent.AGENT_ADDR, OUTPUT)),
            new FlagGroup(
                    "To join the DHT for a moment, as a node of its own, instead of asking an agent",
                    List.of(
                            DhtFlags.BOOTSTRAP_KIND,
                            DhtFlags.DNS_BOOTSTRAP_DOMAIN,
                            ROUTER_ADDR,
                            DhtFlags.HTTP_BOOTSTRAP_URL,
                            DhtFlags.HTTP_BOOTSTRAP_CERT_DIR,
                            DhtFlags.STATIC_BOOTSTRAP_PEERS,
                            DhtFlags.PSK_FILE)));

    private ViewFlags() {}

    /** Notes problems; then what is returned is of no use. */
    static ViewSource read(Settings settings) {
        AskedAgent agent = AskedAgent.read(settings);
        boolean bootstrapIsSet = List.of(
                        DhtFlags.BOOTSTRAP_KIND,
                        DhtFlags.DNS_BOOTSTRAP_DOMAIN,
                        DhtFlags.HTTP_BOOTSTRAP_URL,
                        DhtFlags.HTTP_BOOTSTRAP_CERT_DIR,
                        DhtFlags.STATIC_BOOTSTRAP_PEERS)
                .stream()
                .anyMatch(settings::isSet);
        if (settings.isSet(AskedAgent.AGENT_ADDR) || !bootstrapIsSet) {
            if (bootstrapIsSet) {
                settings.problem(
                        AskedAgent.AGENT_ADDR, "either an agent is asked or the DHT is joined, by --bootstrap-kind");
            }
            return new ViewSource.OfAgent(agent);
        }
        int peerPort = settings.value(ROUTER_ADDR, GoSyntax::listenAddress).getPort();
        Optional<BootstrapConfig> bootstrap = BootstrapSettings.read(settings);
        Optional<PreSharedKey> preSharedKey = settings.optional(DhtFlags.PSK_FILE, DhtFlags::preSharedKey);
        return new ViewSource.OfOwnNode(bootstrap.orElseGet(BootstrapConfig.Nobody::new), peerPort, preSharedKey);
    }

    static boolean isJson(String text) {
        return switch (text) {
            case "json" -> true;
            case "text" -> false;
            default -> throw new IllegalArgumentException("an output is text or json, got " + Quoted.of(text));
        };
    }
}

package dev.spegel.agent.doctor;

import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.containerd.mirror.RegistryHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Does {@code hosts.toml} lead to this node's agent, for each registry that has one? */
final class HostsTomlCheck implements Check {
    static final String ID = "hosts-toml";

    private static final String CONFIGURE = "Run 'spegel configuration --mirror-targets URL' with the address at which"
            + " containerd reaches this node's agent, such as http://10.0.0.7:30020.";

    static final String TLS =
            "It speaks TLS: name the authorities that sign its certificate with --tls-ca, the name in that with"
                    + " --tls-peer-name unless it is for the address, and a certificate to show with --tls-cert and --tls-key if it"
                    + " wants one.";

    @Override
    public Finding examine(Evidence evidence) {
        return evidence.hosts()
                .judge(
                        hosts -> judge(hosts, evidence),
                        reason -> Finding.error(
                                ID,
                                reason,
                                CONFIGURE
                                        + " If that directory is elsewhere, name it with --containerd-registry-config-path."));
    }

    private static Finding judge(MirrorHosts hosts, Evidence evidence) {
        if (hosts.registries().isEmpty()) {
            return Finding.error(
                    ID, "no registry has mirrors in " + evidence.settings().registryConfigPath(), CONFIGURE);
        }
        List<String> unusable = new ArrayList<>();
        hosts.registries().values().forEach(fact -> fact.judge(known -> true, reason -> unusable.add(reason)));
        if (!unusable.isEmpty()) {
            return Finding.error(
                    ID,
                    String.join("; ", unusable),
                    "containerd ignores the whole file, and asks the registry alone. Mend it, or run 'spegel configuration'.");
        }
        return evidence.agent()
                .judge(
                        agent -> judge(hosts, agent),
                        reason -> Finding.unknown(
                                ID,
                                "whether these are this node's agent can't be told, as that doesn't answer: "
                                        + told(hosts),
                                "See " + AgentCheck.ID + "."));
    }

    private static Finding judge(MirrorHosts hosts, StatusReport agent) {
        List<String> here = new ArrayList<>();
        List<String> later = new ArrayList<>();
        List<String> elsewhere = new ArrayList<>();
        for (Map.Entry<String, Fact<List<RegistryHost>>> entry :
                hosts.registries().entrySet()) {
            List<String> urls = entry.getValue().value().orElseThrow().stream()
                    .map(RegistryHost::url)
                    .toList();
            List<String> ours = urls.stream()
                    .filter(url -> isThis(hosts.answers().get(url), agent))
                    .toList();
            (ours.isEmpty() ? elsewhere : ours.get(0).equals(urls.get(0)) ? here : later).add(entry.getKey());
        }
        if (here.isEmpty() && later.isEmpty()) {
            boolean mayBeThis = agent.tls()
                    && hosts.answers().entrySet().stream()
                            .anyMatch(each -> each.getKey().startsWith("https://")
                                    && each.getValue().value().isEmpty());
            if (mayBeThis) {
                return Finding.unknown(
                        ID, "whether these are this node's agent can't be told: " + told(hosts), TLS + " " + CONFIGURE);
            }
            return Finding.error(ID, "none of the mirrors is this node's agent: " + told(hosts), CONFIGURE);
        }
        if (!elsewhere.isEmpty()) {
            return Finding.warning(
                    ID,
                    "containerd doesn't ask this node's agent for images of " + String.join(", ", elsewhere),
                    "An own directory of a registry hides _default. If they should be mirrored too, run 'spegel"
                            + " configuration' with --prepend-existing.");
        }
        return later.isEmpty()
                ? Finding.ok(ID, "this node's agent is the first to be asked for images of " + names(here))
                : Finding.warning(
                        ID,
                        "for images of %s others are asked before this node's agent"
                                .formatted(String.join(", ", later)),
                        "Name this node's agent as the first of --mirror-targets of 'spegel configuration'.");
    }

    private static boolean isThis(@Nullable Fact<MirrorHosts.Answer> fact, StatusReport agent) {
        return fact != null
                && fact.value()
                        .filter(answer -> answer.instance().equals(agent.instance()))
                        .isPresent();
    }

    private static String names(List<String> registries) {
        return registries.equals(List.of("_default")) ? "all registries" : String.join(", ", registries);
    }

    private static String told(MirrorHosts hosts) {
        List<String> told = new ArrayList<>();
        hosts.answers()
                .forEach((url, fact) -> told.add("%s (%s)"
                        .formatted(
                                url,
                                fact.<String>judge(
                                        answer -> answer.instance().isEmpty()
                                                ? "answers %d".formatted(answer.status())
                                                : "another agent",
                                        reason -> reason))));
        return told.isEmpty() ? "there are none" : String.join(", ", told);
    }
}

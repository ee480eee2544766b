package dev.spegel.agent.cli;

import dev.spegel.agent.cli.Subcommand.FlagGroup;
import dev.spegel.agent.doctor.Doctor;
import dev.spegel.agent.doctor.DoctorSettings;
import dev.spegel.agent.doctor.Finding;
import dev.spegel.agent.doctor.Report;
import dev.spegel.agent.doctor.ReportAsJson;
import dev.spegel.agent.doctor.ReportText;
import dev.spegel.routing.Credentials;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** {@code spegel doctor}. */
final class DoctorCommand {
    private static final Flag CONTAINERD_CONFIG = Flag.one(
                    "--containerd-config",
                    "FILE",
                    "containerd's own configuration, to which it was started with --config.")
            .withDefault("/etc/containerd/config.toml");

    private DoctorCommand() {}

    static Subcommand of() {
        return new Subcommand(
                "doctor",
                "Find out why this node doesn't mirror, or doesn't share, and what to do about it.",
                List.of(
                        "",
                        "Looks at containerd, its configuration, its mirrors and the agent, as far as they can be seen, and"
                                + " changes nothing. Exits with 0 if there is no error, though perhaps warnings or what can't be"
                                + " told, and with 1 otherwise. docs/doctor.md explains each finding."),
                List.of(
                        new FlagGroup(
                                "Flags",
                                List.of(
                                        RegistryFlags.CONTAINERD_SOCK,
                                        CONTAINERD_CONFIG,
                                        ConfigurationCommand.CONFIG_PATH,
                                        AskedAgent.AGENT_ADDR,
                                        ViewFlags.OUTPUT)),
                        RegistryTls.FLAGS),
                List.of(
                        "spegel doctor",
                        "spegel doctor --containerd-sock /run/k3s/containerd/containerd.sock \\",
                        "    --containerd-config /var/lib/rancher/k3s/agent/etc/containerd/config.toml \\",
                        "    --containerd-registry-config-path /var/lib/rancher/k3s/agent/etc/containerd/certs.d"),
                DoctorCommand::run);
    }

    private static int run(Settings settings, Surroundings surroundings) throws Exception {
        LogSettings logs = LogSettings.readForPeople(settings);
        boolean json = settings.value(ViewFlags.OUTPUT, ViewFlags::isJson);
        DoctorSettings where = read(settings, surroundings.basicAuthDirectory());
        settings.requireNoProblems();
        logs.writeTo(surroundings.err());
        Report report = Interruption.under(surroundings, () -> examine(where));
        if (json) {
            surroundings.out().println(ReportAsJson.write(report));
        } else {
            ReportText.lines(report, surroundings.style()).forEach(surroundings.out()::println);
        }
        return report.count(Finding.Status.ERROR) == 0 ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static DoctorSettings read(Settings settings, Path basicAuthDirectory) {
        Path socket = settings.value(RegistryFlags.CONTAINERD_SOCK, ConfigurationCommand::path);
        Path config = settings.value(CONTAINERD_CONFIG, ConfigurationCommand::path);
        Path registries = settings.value(ConfigurationCommand.CONFIG_PATH, ConfigurationCommand::path);
        PeerAddress agent = settings.value(AskedAgent.AGENT_ADDR, PeerAddress::parse);
        Optional<Credentials> credentials =
                BasicAuthSecret.read(settings, basicAuthDirectory).map(pair -> pair);
        RegistryTls tls = RegistryTls.read(settings);
        Optional<Supplier<SSLContext>> context =
                tls.isGiven() ? Optional.of(() -> DoctorCommand.context(tls)) : Optional.empty();
        return new DoctorSettings(socket, config, registries, agent, credentials, context);
    }

    private static SSLContext context(RegistryTls tls) {
        try {
            return tls.context();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whatever hangs in the file system doesn't keep the process. */
    private static Report examine(DoctorSettings where) throws IOException, InterruptedException {
        Doctor doctor = new Doctor(where, task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            thread.start();
        });
        return doctor.examine();
    }
}

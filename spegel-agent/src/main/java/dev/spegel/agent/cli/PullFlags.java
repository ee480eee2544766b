package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.ImageAbsentException;
import dev.spegel.agent.pull.ManifestChoice;
import dev.spegel.agent.pull.ProgressLine;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.agent.pull.PullException;
import dev.spegel.agent.pull.PullLimits;
import dev.spegel.agent.pull.PullProgress;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PullTarget;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.util.Optional;

/**
 * What commands that pull an image through the running agent's mirror have in common.
 *
 * @param image what to pull
 * @param choice which of its platforms
 * @param credentials shown to the agent's registry, if it wants any
 * @param tls for the agent's registry, if that has TLS
 */
record PullFlags(
        Optional<Reference> image,
        ManifestChoice choice,
        AskedAgent agent,
        Optional<BasicCredentials> credentials,
        RegistryTls tls) {
    static final Subcommand.Argument IMAGE =
            new Subcommand.Argument("IMAGE", "An image, as docker.io/library/app:1.0, or with its digest.");

    private static final String ALL = "all";

    /** One blob at a time, so that each has a speed of its own, and a target that takes one at a time isn't waited for. */
    private static final PullLimits ONE_BY_ONE = new PullLimits(
            PullLimits.DEFAULTS.connect(), PullLimits.DEFAULTS.stall(), PullLimits.DEFAULTS.attempts(), 1);

    PullFlags {
        requireNonNull(image, "image");
        requireNonNull(choice, "choice");
        requireNonNull(agent, "agent");
        requireNonNull(credentials, "credentials");
        requireNonNull(tls, "tls");
    }

    /** @param fallback in the words of the flag */
    static Flag platform(String fallback, String meaning) {
        return Flag.one(
                        "--platform",
                        "PLATFORM",
                        "Of an image for several platforms, the one for os/architecture[/variant], as linux/arm64, or all."
                                + meaning)
                .withDefault(fallback);
    }

    /** Notes problems; then what is returned is of no use. */
    static PullFlags read(Settings settings, Surroundings surroundings, Flag platform) {
        return new PullFlags(
                settings.argument(IMAGE, Reference::parseLenient),
                settings.value(platform, PullFlags::choice),
                AskedAgent.read(settings),
                BasicAuthSecret.read(settings, surroundings.basicAuthDirectory()),
                RegistryTls.read(settings));
    }

    private static ManifestChoice choice(String text) {
        return switch (text) {
            case ALL -> ManifestChoice.ALL;
            case "this" -> ManifestChoice.platform(Platform.current());
            default -> ManifestChoice.platform(Platform.parse(text));
        };
    }

    /** The registry of the agent. Asks the agent. */
    AskedRegistry registry() throws IOException, InterruptedException {
        return agent.registry();
    }

    /**
     * Pulls.
     *
     * @param registry as {@link #registry()} says
     * @param progress whether to show how far it is
     */
    PullReport pull(AskedRegistry registry, PullTarget target, Surroundings surroundings, boolean progress)
            throws IOException, InterruptedException {
        try (PullClient client = new PullClient(registry.uri(), credentials, tls.with(registry), ONE_BY_ONE)) {
            Reference wanted = image.orElseThrow();
            if (!progress) {
                return client.pull(wanted, choice, target, PullProgress.NONE);
            }
            try (ProgressLine line = new ProgressLine(surroundings.out(), System::nanoTime)) {
                return client.pull(wanted, choice, target, line);
            }
        } catch (ImageAbsentException e) {
            throw new IOException(
                    "neither the agent at %s nor a node that it found has %s; 'spegel lookup %2$s' shows who says so, and 'spegel"
                                    .formatted(agent.address(), image.orElseThrow())
                            + " doctor' why nobody may be found",
                    e);
        } catch (PullException e) {
            throw RegistryTls.explained(e, registry);
        }
    }
}

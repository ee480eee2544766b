package dev.spegel.agent.cli;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.pull.ImageAbsentException;
import dev.spegel.agent.pull.ManifestChoice;
import dev.spegel.agent.pull.ProgressLine;
import dev.spegel.agent.pull.PullClient;
import dev.spegel.agent.pull.PullLimits;
import dev.spegel.agent.pull.PullProgress;
import dev.spegel.agent.pull.PullReport;
import dev.spegel.agent.pull.PullTarget;
import dev.spegel.oci.Platform;
import dev.spegel.oci.Reference;
import dev.spegel.routing.BasicCredentials;
import dev.spegel.routing.PeerAddress;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * What commands that pull an image through the running agent's mirror have in common.
 *
 * @param image what to pull
 * @param choice which of its platforms
 * @param credentials shown to the agent's registry, if it wants any
 */
record PullFlags(
        Optional<Reference> image, ManifestChoice choice, AskedAgent agent, Optional<BasicCredentials> credentials) {
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
                BasicAuthSecret.read(settings, surroundings.basicAuthDirectory()));
    }

    private static ManifestChoice choice(String text) {
        return switch (text) {
            case ALL -> ManifestChoice.ALL;
            case "this" -> ManifestChoice.platform(Platform.current());
            default -> ManifestChoice.platform(Platform.parse(text));
        };
    }

    /** Where the registry of the agent can be reached. Asks the agent. */
    PeerAddress registry() throws IOException, InterruptedException {
        return agent.registry();
    }

    /**
     * Pulls.
     *
     * @param registry as {@link #registry()} says
     * @param progress whether to show how far it is
     */
    PullReport pull(PeerAddress registry, PullTarget target, Surroundings surroundings, boolean progress)
            throws IOException, InterruptedException {
        URI mirror = URI.create("http://" + registry);
        try (PullClient client = credentials.isPresent()
                ? new PullClient(mirror, credentials.get(), ONE_BY_ONE)
                : new PullClient(mirror, ONE_BY_ONE)) {
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
        }
    }
}

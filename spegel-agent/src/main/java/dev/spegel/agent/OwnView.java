package dev.spegel.agent;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ImageSurvey;
import dev.spegel.agent.inspect.ImagesReport;
import dev.spegel.agent.inspect.ImagesRequest;
import dev.spegel.agent.inspect.NodeView;
import dev.spegel.agent.inspect.StatusReport;
import dev.spegel.agent.inspect.TagsReport;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.registry.Health;
import dev.spegel.routing.Advertiser;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.eclipse.jetty.server.Handler;

/** What the agent of this process says of itself. */
final class OwnView implements NodeView {
    private final String version = BuildInfo.load().version();
    private final String instance = UUID.randomUUID().toString();
    private final Health health;
    private final String registryAddress;
    private final boolean tls;
    private final Advertiser advertiser;
    private final ImageSurvey images;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private final ContainerdRequests requests;

    /**
     * @param tls whether the registry speaks TLS
     * @param registry what it serves, which is asked through {@link #registry()}
     * @param nanoClock like {@link System#nanoTime}
     */
    OwnView(
            Health health,
            String registryAddress,
            boolean tls,
            Handler registry,
            ContentStore store,
            Advertiser advertiser,
            LongSupplier nanoClock) {
        this.health = requireNonNull(health, "health");
        this.registryAddress = requireNonNull(registryAddress, "registryAddress");
        this.tls = tls;
        this.advertiser = requireNonNull(advertiser, "advertiser");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
        images = new ImageSurvey(store, advertiser, nanoClock);
        startNanos = nanoClock.getAsLong();
        requests = new ContainerdRequests(registry, instance, nanoClock);
    }

    /** The registry, watched on its way. */
    Handler registry() {
        return requests;
    }

    @Override
    public StatusReport status() {
        return new StatusReport(
                version,
                instance,
                Duration.ofNanos(nanoClock.getAsLong() - startNanos),
                registryAddress,
                tls,
                health.notReadyBecause(),
                health.remarks(),
                requests.report());
    }

    @Override
    public TagsReport tags() {
        List<TagReference> tags = advertiser.advertisedTags();
        return new TagsReport(
                tags.size(),
                tags.stream().limit(MAX_TAGS).map(TagReference::toString).toList(),
                advertiser.heldBack(MAX_HELD_BACK).stream().map(HeldBack::of).toList());
    }

    @Override
    public ImagesReport images(ImagesRequest request) throws StoreException {
        return images.page(request);
    }
}

package dev.spegel.agent.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.oci.Descriptor;
import dev.spegel.oci.RegistryFilter;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.MemoryStore;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.AdvertiserConfig;
import dev.spegel.routing.MemoryNetwork;
import dev.spegel.routing.Peer;
import dev.spegel.routing.Router;
import dev.spegel.testkit.SampleImage;
import dev.spegel.testkit.SampleImages;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a store in memory; the advertiser doesn't run, so nothing is announced yet. */
class ImageSurveyTest {
    private static final SampleImage INDEX = SampleImages.twoPlatforms();
    private static final SampleImage SINGLE = SampleImages.severalLayers();

    private final MemoryStore store = new MemoryStore();
    private final Router router = new MemoryNetwork()
            .join(new Peer("self", List.of(InetAddress.getLoopbackAddress()), 5000, Optional.empty()));
    private final Advertiser advertiser = new Advertiser(
            store,
            router,
            RegistryFilter.of(List.of(), List.of(Pattern.compile("/secret"))),
            AdvertiserConfig.DEFAULTS,
            System::nanoTime);
    private long now;
    private final ImageSurvey survey = new ImageSurvey(store, advertiser, () -> now);

    @AfterEach
    void close() {
        advertiser.close();
        router.close();
        store.close();
    }

    private static TagReference tag(String repository) {
        return new TagReference("registry.example", repository, "1.0");
    }

    private ImagesReport page(String after, int max) throws IOException {
        return survey.page(new ImagesRequest(after, max, true));
    }

    @Test
    void anIndexHasItsPlatformsAndAllThatIsBelow() throws Exception {
        INDEX.putInto(store, tag("app"));
        ImageEntry image = page("", 10).images().get(0);
        assertThat(image.target().digest()).isEqualTo(INDEX.target().digest());
        assertThat(image.platforms()).containsExactly("linux/amd64", "linux/arm64");
        assertThat(image.pieces()).isEqualTo(INDEX.content().size());
        assertThat(image.served()).isEqualTo(INDEX.content().size());
        assertThat(image.announced()).isZero();
        assertThat(image.advertised()).isFalse();
        assertThat(image.sizeBytes())
                .isEqualTo(INDEX.content().stream()
                        .mapToLong(Descriptor::sizeBytes)
                        .sum());
        assertThat(image.contents())
                .extracting(Piece::role)
                .startsWith("index", "manifest", "config", "layer")
                .contains("manifest");
    }

    @Test
    void whatIsMissingCountsAndIsNamed() throws Exception {
        SINGLE.putInto(store, tag("app"));
        Descriptor layer = SINGLE.layersAndConfigs().stream()
                .filter(content -> !content.mediaType().isImageConfig())
                .findFirst()
                .orElseThrow();
        store.remove(layer.digest());
        ImageEntry image = page("", 10).images().get(0);
        assertThat(image.pieces()).isEqualTo(SINGLE.content().size());
        assertThat(image.served()).isEqualTo(SINGLE.content().size() - 1);
        assertThat(image.contents())
                .filteredOn(piece -> !piece.served())
                .extracting(piece -> piece.descriptor().digest())
                .containsExactly(layer.digest());
        assertThat(image.platforms()).as("told by the config").containsExactly("linux/amd64");
    }

    @Test
    void whatTheFiltersLeaveOutSaysSo() throws Exception {
        SINGLE.putInto(store, tag("secret"));
        assertThat(page("", 10).images().get(0).heldBack()).get().satisfies(held -> {
            assertThat(held.reason()).isEqualTo("filtered");
            assertThat(held.why()).contains("filters");
        });
    }

    @Test
    void pagesGoThroughAllInOrder() throws Exception {
        for (int i = 0; i < 7; i++) {
            SINGLE.putInto(store, tag("app" + i));
        }
        List<String> names = new ArrayList<>();
        Optional<String> next = Optional.of("");
        int pages = 0;
        while (next.isPresent()) {
            ImagesReport page = page(next.get(), 3);
            assertThat(page.total()).isEqualTo(7);
            page.images().forEach(image -> names.add(image.name()));
            next = page.next();
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(names).hasSize(7).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aPageEndsWhenItHasTakenLong() throws Exception {
        for (int i = 0; i < 3; i++) {
            SINGLE.putInto(store, tag("app" + i));
        }
        ImageSurvey slow = new ImageSurvey(store, advertiser, () -> now += 1_500_000_000L);
        ImagesReport page = slow.page(new ImagesRequest("", 10, false));
        assertThat(page.images()).hasSize(1);
        assertThat(page.next()).contains(page.images().get(0).name());
        assertThat(page.images().get(0).contents()).as("not asked for").isEmpty();
    }

    @Test
    void jsonComesBackAsItWas() throws Exception {
        INDEX.putInto(store, tag("app"));
        SINGLE.putInto(store, tag("secret"));
        ImagesReport report = page("", 1);
        assertThat(ImagesJson.read(ImagesJson.write(report).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(withoutDetails(report));
        ImagesReport last = page(report.next().orElseThrow(), 1);
        assertThat(ImagesJson.read(ImagesJson.write(last).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(withoutDetails(last));
    }

    /** Of a descriptor, JSON has digest, media type and size. */
    private static ImagesReport withoutDetails(ImagesReport report) {
        return new ImagesReport(
                report.total(),
                report.images().stream()
                        .map(image -> new ImageEntry(
                                image.name(),
                                plain(image.target()),
                                image.platforms(),
                                image.sizeBytes(),
                                image.pieces(),
                                image.served(),
                                image.announced(),
                                image.advertised(),
                                image.heldBack(),
                                image.contents().stream()
                                        .map(piece -> new Piece(
                                                piece.role(),
                                                plain(piece.descriptor()),
                                                piece.served(),
                                                piece.announced()))
                                        .toList()))
                        .toList(),
                report.next());
    }

    private static Descriptor plain(Descriptor descriptor) {
        return Descriptor.of(descriptor.mediaType(), descriptor.digest(), descriptor.sizeBytes());
    }

    @Test
    void requestsAreBounded() {
        assertThatThrownBy(() -> new ImagesRequest("", 501, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("max is 1 to 500, got 501");
    }
}

package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

import dev.spegel.agent.inspect.ImagesReport.ImageEntry;
import dev.spegel.agent.inspect.ImagesReport.Piece;
import dev.spegel.agent.inspect.TagsReport.HeldBack;
import dev.spegel.oci.Digest;
import dev.spegel.oci.TagReference;
import dev.spegel.oci.store.ContentStore;
import dev.spegel.oci.store.StoreException;
import dev.spegel.oci.store.StoredImage;
import dev.spegel.routing.Advertiser;
import dev.spegel.routing.HeldBackTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Goes through the images of this node's store, page by page. Safe for use by many threads. */
public final class ImageSurvey {
    /** Of one image. The largest multi-platform images have a few hundred. */
    public static final int MAX_PIECES = 1000;

    /** A page ends with the image with which it has so many: each costs a look into the store, and 300 bytes of an answer. */
    static final int MAX_PAGE_PIECES = 2000;

    /** A page ends with the image at which it has taken so long; well below what whoever asks waits for. */
    private static final Duration PAGE_LIMIT = Duration.ofSeconds(2);

    private final ContentStore store;
    private final Advertiser advertiser;
    private final LongSupplier nanoClock;

    /** @param nanoClock like {@link System#nanoTime} */
    public ImageSurvey(ContentStore store, Advertiser advertiser, LongSupplier nanoClock) {
        this.store = requireNonNull(store, "store");
        this.advertiser = requireNonNull(advertiser, "advertiser");
        this.nanoClock = requireNonNull(nanoClock, "nanoClock");
    }

    /** Takes time in proportion to all images for their names, and to what is on the page for the rest. */
    public ImagesReport page(ImagesRequest request) throws StoreException {
        long start = nanoClock.getAsLong();
        List<StoredImage> all = new ArrayList<>(store.images());
        all.sort(Comparator.comparing(image -> image.name().toString()));
        List<StoredImage> left = all.stream()
                .filter(image -> image.name().toString().compareTo(request.after()) > 0)
                .toList();
        List<ImageEntry> page = new ArrayList<>();
        int pieces = 0;
        for (StoredImage image : left) {
            boolean late = nanoClock.getAsLong() - start > PAGE_LIMIT.toNanos();
            if (page.size() == request.max() || pieces >= MAX_PAGE_PIECES || (late && !page.isEmpty())) {
                break;
            }
            ImageEntry entry = describe(image, request.contents());
            page.add(entry);
            pieces += entry.pieces();
        }
        Optional<String> next = page.size() < left.size()
                ? Optional.of(page.get(page.size() - 1).name())
                : Optional.empty();
        return new ImagesReport(all.size(), page, next);
    }

    private ImageEntry describe(StoredImage image, boolean contents) throws StoreException {
        ImageContents found = ImageContents.read(store, image.target(), MAX_PIECES);
        List<Digest> digests = new ArrayList<>();
        found.pieces().forEach(piece -> digests.add(piece.descriptor().digest()));
        Set<Digest> announced = advertiser.advertised(digests);
        Optional<TagReference> tag = image.name().toTag();
        boolean advertised = tag.isPresent()
                ? advertiser.advertises(tag.get())
                : announced.contains(image.target().digest());
        Optional<HeldBackTag> whyNot = advertised ? Optional.empty() : tag.flatMap(advertiser::whyNot);
        List<Piece> pieces = found.pieces().stream()
                .map(piece -> new Piece(
                        piece.role(),
                        piece.descriptor(),
                        piece.present(),
                        announced.contains(piece.descriptor().digest())))
                .toList();
        List<Piece> served = pieces.stream().filter(Piece::served).toList();
        return new ImageEntry(
                image.name().toString(),
                image.target(),
                found.platforms(),
                served.stream()
                        .mapToLong(piece -> piece.descriptor().sizeBytes())
                        .sum(),
                pieces.size(),
                served.size(),
                announced.size(),
                advertised,
                whyNot.map(HeldBack::of),
                contents ? pieces : List.of());
    }
}

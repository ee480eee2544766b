package dev.spegel.containerd;

import dev.spegel.containerd.internal.Image;
import dev.spegel.oci.Digest;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what there is: all of it, or what became of one image or one content. For the follower's thread, apart from
 * {@link #source}.
 *
 * <p>Content is there if containerd says that it belongs to the namespace, and its file has the size that containerd says. Where the
 * content directory can't be seen, containerd's word is enough.
 */
final class Inventory {
    private static final Logger log = LoggerFactory.getLogger(Inventory.class);

    /** Documents that one image may lead to; an index of all platforms and their attestations has some 30. */
    private static final int MAX_DOCUMENTS = 1_000;

    private final ContainerdConfig config;
    private final ContainerdClient client;
    private final Holdings holdings;
    private final Documents documents;
    private final Optional<BlobWatch> watch;
    private final SocketBlobs socket;
    private volatile BlobSource source;
    private volatile Optional<Path> readsFiles = Optional.empty();
    private volatile List<String> problems = List.of();
    /** Whether nothing has shown yet that the directory is containerd's own, since there was no content. */
    private boolean unproven;

    private boolean doubtful;

    Inventory(
            ContainerdConfig config,
            ContainerdClient client,
            Holdings holdings,
            Documents documents,
            Optional<BlobWatch> watch) {
        this.config = config;
        this.client = client;
        this.holdings = holdings;
        this.documents = documents;
        this.watch = watch;
        this.socket = new SocketBlobs(client);
        this.source = socket;
    }

    /** Where content is read now. */
    BlobSource source() {
        return source;
    }

    Optional<Path> readsFiles() {
        return readsFiles;
    }

    /** Whether it seems that the directory isn't containerd's own, so that it takes a look at everything to decide. */
    boolean isDoubtful() {
        return doubtful;
    }

    /** What the last look at everything found wrong. */
    List<String> problems() {
        return problems;
    }

    /** Looks at everything. */
    void lookAtAll() throws StoreException {
        holdings.beginListing();
        List<String> found = new ArrayList<>();
        List<String> namespaces = client.namespaces();
        if (!namespaces.contains(config.namespace())) {
            found.add("containerd has no namespace %s, only %s; it is taken for empty until something is put there"
                    .formatted(config.namespace(), namespaces));
        }
        Optional<ContentDirectory> directory = findDirectory(found);
        Set<String> names = new HashSet<>();
        client.listImages(image -> {
            holdings.put(image);
            names.add(image.getName());
        });
        Map<Digest, Long> listed = listContent();
        unproven = directory.isPresent() && listed.isEmpty();
        doubtful = false;
        if (directory.isPresent() && !isOurs(directory.get(), listed)) {
            found.add(
                    "%s holds none of the %d contents that containerd lists, so it isn't containerd's; content is read"
                                    .formatted(directory.get().root(), listed.size())
                            + " over the socket, which is slower");
            directory = Optional.empty();
        }
        use(directory);
        take(listed, directory);
        holdings.retain(listed.keySet(), names);
        if (holdings.isFull()) {
            found.add("there is more than %d contents or %d images; the rest isn't shared"
                    .formatted(Holdings.MAX_CONTENT, Holdings.MAX_IMAGES));
        }
        problems = List.copyOf(found);
    }

    private Optional<ContentDirectory> findDirectory(List<String> found) throws StoreException {
        Optional<Path> root = config.contentDirectory().isPresent() ? config.contentDirectory() : client.contentRoot();
        if (root.isEmpty()) {
            found.add("containerd doesn't say where its content is; it is read over the socket, which is slower");
            return Optional.empty();
        }
        ContentDirectory directory = new ContentDirectory(root.get());
        Optional<String> problem = directory.problem();
        if (problem.isPresent()) {
            found.add("the content directory %s %s; content is read over the socket, which is slower"
                    .formatted(root.get(), problem.get()));
            return Optional.empty();
        }
        follow(root.get(), found);
        return Optional.of(directory);
    }

    /** Before anything is listed, so that what comes later is told of. */
    private void follow(Path root, List<String> found) {
        try {
            if (watch.isPresent()) {
                watch.get().follow(root);
                return;
            }
        } catch (IOException e) {
            log.debug("{} can't be watched", root, e);
        }
        found.add("%s can't be watched, as inotify has reached a limit of the system; new content shows later"
                .formatted(root));
    }

    private Map<Digest, Long> listContent() throws StoreException {
        Map<Digest, Long> listed = new HashMap<>();
        client.listContent(info -> {
            if (listed.size() <= Holdings.MAX_CONTENT) {
                try {
                    listed.put(Digest.parse(info.getDigest()), info.getSize());
                } catch (OciSyntaxException e) {
                    log.debug("containerd has content that can't be served: {}", e.getMessage());
                }
            }
        });
        return listed;
    }

    /** A directory of that name may be another's: of the container that this runs in, say. */
    private static boolean isOurs(ContentDirectory directory, Map<Digest, Long> listed) throws StoreException {
        for (Digest digest : listed.keySet()) {
            if (directory.sizeNow(digest).isPresent()) {
                return true;
            }
        }
        return listed.isEmpty();
    }

    private void use(Optional<ContentDirectory> directory) {
        readsFiles = directory.map(ContentDirectory::root);
        source = directory.isPresent() ? directory.get() : socket;
    }

    /** Takes over what was listed and is really there; leaves the rest out of the listing. */
    private void take(Map<Digest, Long> listed, Optional<ContentDirectory> directory) throws StoreException {
        Set<Digest> absent = new HashSet<>();
        for (Map.Entry<Digest, Long> entry : listed.entrySet()) {
            Digest digest = entry.getKey();
            long size = entry.getValue();
            OptionalLong found = directory.isPresent() ? directory.get().sizeNow(digest) : OptionalLong.of(size);
            if (found.isPresent() && found.getAsLong() == size) {
                holdings.add(digest, size);
            } else {
                if (found.isPresent()) {
                    holdings.addDamaged(digest, size, found.getAsLong());
                }
                holdings.remove(digest);
                absent.add(digest);
            }
        }
        absent.stream().filter(digest -> !holdings.isDamaged(digest)).forEach(listed::remove);
    }

    /** Looks at images by name, and at what those name that are there. */
    void lookAtImages(Collection<String> names) throws StoreException {
        for (String name : names) {
            Optional<Image> image = client.image(name);
            if (image.isEmpty()) {
                holdings.removeImage(name);
            } else {
                holdings.put(image.get());
                walk(image.get());
            }
        }
    }

    /**
     * Looks at the content of an image that isn't known yet. Most of it is by then; but not what another namespace had already, which
     * only containerd 2.1 tells of, and nothing where the directory isn't visible.
     */
    private void walk(Image image) throws StoreException {
        Digest root;
        try {
            root = Digest.parse(image.getTarget().getDigest());
        } catch (OciSyntaxException e) {
            return;
        }
        Set<Digest> seen = new HashSet<>();
        Deque<Digest> documentsLeft = new ArrayDeque<>(List.of(root));
        while (!documentsLeft.isEmpty() && seen.size() < MAX_DOCUMENTS) {
            Digest digest = documentsLeft.remove();
            if (seen.add(digest) && (holdings.has(digest) || lookAt(digest))) {
                for (Digest named : namedBy(digest)) {
                    if (isDocument(named)) {
                        documentsLeft.add(named);
                    }
                }
            }
        }
    }

    /** Looks whether content is there, if that isn't known, and whether it may name more. */
    private boolean isDocument(Digest digest) throws StoreException {
        return (holdings.has(digest) || lookAt(digest)) && !namedBy(digest).isEmpty();
    }

    private List<Digest> namedBy(Digest digest) {
        OptionalLong size = holdings.size(digest);
        try {
            return size.isEmpty() ? List.of() : documents.namedBy(digest, size.getAsLong(), source);
        } catch (StoreException e) {
            log.warn("{} can't be read, so what it names isn't looked for: {}", digest, e.toString());
            return List.of();
        }
    }

    /** Finds out whether content is there now. */
    boolean lookAt(Digest digest) throws StoreException {
        BlobSource from = source;
        OptionalLong found = from.sizeNow(digest);
        OptionalLong size = from.knowsNamespaces() ? found : client.size(digest);
        if (size.isEmpty() || found.isEmpty()) {
            doubtful |= size.isPresent() && unproven;
            holdings.remove(digest);
            holdings.removeDamaged(digest);
            return false;
        }
        if (found.getAsLong() != size.getAsLong()) {
            holdings.remove(digest);
            holdings.addDamaged(digest, size.getAsLong(), found.getAsLong());
            return false;
        }
        holdings.add(digest, size.getAsLong());
        return true;
    }

    /** Whether something of this name is on disk, though it may belong to another namespace, or to this one in a moment. */
    boolean isOnDisk(Digest digest) throws StoreException {
        BlobSource from = source;
        return !from.knowsNamespaces() && from.sizeNow(digest).isPresent();
    }

    /** While containerd doesn't answer: drops the content if its file is gone or damaged. */
    void lookOnDisk(Digest digest) throws StoreException {
        BlobSource from = source;
        OptionalLong known = holdings.size(digest);
        if (!from.knowsNamespaces()
                && known.isPresent()
                && !from.sizeNow(digest).equals(known)) {
            holdings.remove(digest);
        }
    }
}

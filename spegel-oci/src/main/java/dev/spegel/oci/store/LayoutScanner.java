package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks through an OCI layout and says what of it may be served. For one thread at a time.
 *
 * <p>A writer adds blobs first and then the name in {@code index.json}, and takes them away in reverse. So that a scan in the midst
 * of that doesn't see a name without its blobs, it looks again if {@code index.json} changed meanwhile.
 *
 * <p>Each scan lists the blobs, reads and hashes the small ones that are new or changed, reads {@code index.json}, and then lets
 * what the manifests say of the large ones decide on those (see {@link OciLayoutStore}). What fails a check while it was changed
 * a moment ago may be half written: it isn't served, but isn't a problem yet either.
 */
final class LayoutScanner {
    /** Enough to see what is wrong; a layout on a broken disk would otherwise fill the heap with sentences. */
    private static final int MAX_PROBLEMS = 1_000;

    /** A marker is 30 bytes. */
    private static final int MAX_MARKER_BYTES = 4 * 1024;

    /** A writer that is faster than that all the time is a loop; then a name may be seen before its blobs. */
    private static final int MAX_LOOKS = 10;

    private final LayoutPaths paths;
    private final Duration settleTime;
    private final InstantSource clock;
    private final BlobDirectories directories;
    private Map<Digest, CheckedDocument> documents = new HashMap<>();
    private LayoutState last = LayoutState.EMPTY;

    LayoutScanner(Path root, Duration settleTime, InstantSource clock) {
        this.paths = new LayoutPaths(root);
        this.settleTime = settleTime;
        this.clock = clock;
        this.directories = new BlobDirectories(paths);
    }

    /** @throws IOException if a directory that is there can't be read; the next scan starts where this one did */
    LayoutState scan() throws IOException {
        for (int i = 1; ; i++) {
            Optional<FileStamp> before = indexStamp();
            LayoutState found = look();
            boolean steady = before.equals(indexStamp());
            if (steady || i == MAX_LOOKS) {
                last = new LayoutState(found.content(), found.names(), found.problems(), found.unsettled() || !steady);
                return last;
            }
        }
    }

    private Optional<FileStamp> indexStamp() throws IOException {
        try {
            return Optional.of(FileStamp.of(
                    Files.readAttributes(paths.index(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private LayoutState look() throws IOException {
        Findings findings = new Findings();
        if (isEmpty()) {
            // One problem, not one for each file that a layout has.
            findings.report(paths.root(), "is empty, so there is no OCI layout yet", modified(paths.root()));
            documents = Map.of();
            return new LayoutState(Map.of(), last.names(), findings.problems, findings.unsettled);
        }
        checkMarker(findings);
        Map<Digest, FileStamp> files = directories.list(findings::report);
        Map<Digest, CheckedDocument> checked = checkDocuments(files);
        Optional<ImageIndex> index = readIndex(findings);
        Naming naming = new Naming();
        index.ifPresent(i -> i.manifests().forEach(naming::add));
        checked.values().forEach(document -> document.children().forEach(naming::add));

        Map<Digest, Descriptor> content = new HashMap<>();
        files.forEach((digest, stamp) -> {
            CheckedDocument document = checked.get(digest);
            if (document == null && stamp.sizeBytes() <= StoredMediaType.MAX_DOCUMENT_BYTES) {
                return; // it changed since it was listed, so another scan follows
            }
            Optional<String> fault = document == null
                    ? naming.faultOfLarge(digest, stamp.sizeBytes())
                    : document.fault().or(() -> naming.faultOfDocument(digest, document.type(), stamp.sizeBytes()));
            if (fault.isPresent()) {
                findings.report(paths.blob(digest), fault.get(), stamp.modified());
            } else if (document != null || naming.names(digest)) {
                MediaType type = document == null ? MediaType.OCTET_STREAM : document.type();
                content.put(digest, Descriptor.of(type, digest, stamp.sizeBytes()));
            }
        });
        Map<Reference, Descriptor> names = index.isPresent() ? names(index.get(), content, findings) : last.names();
        documents = checked;
        return new LayoutState(content, names, findings.problems, findings.unsettled);
    }

    private boolean isEmpty() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.root())) {
            return !files.iterator().hasNext();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void checkMarker(Findings findings) throws IOException {
        String rule = "an OCI layout has this file, a JSON object with \"imageLayoutVersion\":\"1.0.0\"";
        try {
            Optional<byte[]> marker = LayoutPaths.read(paths.marker(), MAX_MARKER_BYTES);
            // No parser: all that can follow from it is this message.
            if (marker.isEmpty()
                    || !new String(marker.get(), StandardCharsets.UTF_8)
                            .replaceAll("\\s", "")
                            .contains("\"imageLayoutVersion\":\"1.0.0\"")) {
                findings.report(paths.marker(), rule, modified(paths.marker()));
            }
        } catch (NoSuchFileException e) {
            findings.report(paths.marker(), "is missing: " + rule, modified(paths.root()));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            findings.report(paths.marker(), "can't be read: " + e, modified(paths.marker()));
        }
    }

    private Map<Digest, CheckedDocument> checkDocuments(Map<Digest, FileStamp> files) throws IOException {
        Map<Digest, CheckedDocument> checked = new HashMap<>();
        for (Map.Entry<Digest, FileStamp> file : files.entrySet()) {
            Digest digest = file.getKey();
            FileStamp stamp = file.getValue();
            if (stamp.sizeBytes() <= StoredMediaType.MAX_DOCUMENT_BYTES) {
                CheckedDocument before = documents.get(digest);
                if (before != null && before.lasting() && before.stamp().equals(stamp)) {
                    checked.put(digest, before);
                } else {
                    check(digest, stamp).ifPresent(document -> checked.put(digest, document));
                }
            }
        }
        return checked;
    }

    /** Empty if the file is gone by now, or has grown past what a document may have; then it changed, and so another scan follows. */
    private Optional<CheckedDocument> check(Digest digest, FileStamp stamp) throws IOException {
        try {
            return LayoutPaths.read(paths.blob(digest), StoredMediaType.MAX_DOCUMENT_BYTES)
                    .map(bytes -> CheckedDocument.of(digest, stamp, bytes));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            return Optional.of(CheckedDocument.unreadable(stamp, e));
        }
    }

    /** Empty if there is none that makes sense, so that the last one stays in force. */
    private Optional<ImageIndex> readIndex(Findings findings) throws IOException {
        try {
            Optional<byte[]> json = LayoutPaths.read(paths.index(), StoredMediaType.MAX_DOCUMENT_BYTES);
            if (json.isPresent()) {
                return Optional.of(ImageIndex.parse(json.get()));
            }
            findings.report(
                    paths.index(), "is larger than 4 MiB; the names stay as they were", modified(paths.index()));
        } catch (NoSuchFileException e) {
            findings.report(paths.index(), "is missing; the names stay as they were", modified(paths.root()));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            findings.report(paths.index(), "can't be read, the names stay as they were: " + e, modified(paths.index()));
        } catch (OciSyntaxException e) {
            findings.report(
                    paths.index(),
                    "isn't an image index, the names stay as they were: " + e.getMessage(),
                    modified(paths.index()));
        }
        return Optional.empty();
    }

    private Map<Reference, Descriptor> names(ImageIndex index, Map<Digest, Descriptor> content, Findings findings)
            throws IOException {
        FileTime modified = modified(paths.index());
        Map<Reference, Descriptor> names = new LinkedHashMap<>();
        for (Descriptor target : index.manifests()) {
            if (!content.containsKey(target.digest()) && !Files.exists(paths.blob(target.digest()))) {
                findings.report(paths.index(), "names " + target.digest() + ", which isn't there", modified);
            }
            Optional<Reference> name = LayoutPaths.nameIn(target.annotations());
            if (name.isPresent() && names.put(name.get(), target) != null) {
                findings.report(
                        paths.index(), "has the name %s twice; the last one counts".formatted(name.get()), modified);
            }
        }
        return names;
    }

    private static FileTime modified(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .lastModifiedTime();
        } catch (NoSuchFileException e) {
            return FileTime.from(Instant.EPOCH); // gone for good, as far as the settling time goes
        }
    }

    /** Collects problems, but for those of files that changed a moment ago. */
    private final class Findings {
        private final List<LayoutProblem> problems = new ArrayList<>();
        private final Instant now = clock.instant();
        private boolean unsettled;

        void report(Path path, String reason, FileTime modified) {
            Duration age = Duration.between(modified.toInstant(), now);
            // A time in the future is a clock that is wrong, not a file that is fresh.
            if (!age.isNegative() && age.compareTo(settleTime) < 0) {
                unsettled = true;
            } else if (problems.size() < MAX_PROBLEMS) {
                problems.add(new LayoutProblem(path, reason));
            }
        }
    }
}

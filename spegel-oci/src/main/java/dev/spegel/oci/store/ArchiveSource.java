package dev.spegel.oci.store;

import dev.spegel.oci.Descriptor;
import dev.spegel.oci.Digest;
import dev.spegel.oci.ImageIndex;
import dev.spegel.oci.MediaType;
import dev.spegel.oci.OciSyntaxException;
import dev.spegel.oci.Quoted;
import dev.spegel.oci.Reference;
import dev.spegel.oci.StoredMediaType;
import dev.spegel.oci.store.ImageImporter.Limits;
import dev.spegel.oci.store.ImageImporter.SourceImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the images of an archive in one pass, since one in gzip can't be read in any other order. All files are staged as blobs,
 * whatever they turn out to be; those that no image needs the commit drops.
 */
final class ArchiveSource implements TarReader.Visitor {
    /** Links from link to link: docker save writes single ones. */
    private static final int MAX_LINKS = 8;

    private static final String INDEX = "index.json";
    private static final String DOCKER_MANIFEST = "manifest.json";
    private static final Set<String> DOCUMENTS = Set.of(INDEX, DOCKER_MANIFEST);

    private final OciLayoutWriter target;
    private final Limits limits;
    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Descriptor> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private ArchiveSource(OciLayoutWriter target, Limits limits) {
        this.target = target;
        this.limits = limits;
    }

    static List<SourceImage> read(Path archive, OciLayoutWriter target, Limits limits) throws IOException {
        ArchiveSource source = new ArchiveSource(target, limits);
        try (TarReader tar = TarReader.open(archive, new Allowance(limits))) {
            tar.forEach(source);
        }
        return source.images();
    }

    @Override
    public void file(String name, long sizeBytes, InputStream content) throws IOException {
        if (DOCUMENTS.contains(name)) {
            if (sizeBytes > StoredMediaType.MAX_DOCUMENT_BYTES) {
                throw new StoreException("the archive's " + name + " is larger than 4 MiB");
            }
            documents.put(name, content.readNBytes((int) sizeBytes));
            return;
        }
        Optional<Digest> digest = digestIn(name);
        Descriptor blob;
        if (digest.isPresent()) {
            blob = Descriptor.of(MediaType.OCTET_STREAM, digest.get(), sizeBytes);
            target.add(blob, content);
        } else {
            blob = target.add(MediaType.OCTET_STREAM, content::transferTo);
        }
        if (blob.sizeBytes() != sizeBytes) {
            throw new StoreException("the archive ends in the middle of " + Quoted.of(name));
        }
        files.put(name, blob);
    }

    @Override
    public void link(String name, String target) {
        links.put(name, target);
    }

    /** The digest in {@code blobs/sha256/…}. */
    private static Optional<Digest> digestIn(String name) {
        String[] parts = name.split("/", -1);
        if (parts.length != 3 || !parts[0].equals("blobs")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Digest.parse(parts[1] + ":" + parts[2]));
        } catch (OciSyntaxException e) {
            return Optional.empty(); // a file of another kind, which nothing will name
        }
    }

    private List<SourceImage> images() throws IOException {
        byte[] index = documents.get(INDEX);
        byte[] manifest = documents.get(DOCKER_MANIFEST);
        if (index == null && manifest == null) {
            throw new StoreException("it is neither an OCI layout nor what docker save writes: there is no index.json"
                    + " and no manifest.json");
        }
        List<DockerManifest> docker = manifest == null ? List.of() : DockerManifest.parseAll(manifest);
        if (index == null) {
            return convert(docker);
        }
        List<SourceImage> images = ImageIndex.parse(index).manifests().stream()
                .map(SourceImage::of)
                .toList();
        boolean unnamed = images.stream().allMatch(image -> image.names().isEmpty());
        if (unnamed && images.size() == 1 && docker.size() == 1) {
            return List.of(new SourceImage(docker.get(0).names(), images.get(0).target()));
        }
        return unnamed && !docker.isEmpty() ? convert(docker) : images;
    }

    private List<SourceImage> convert(List<DockerManifest> docker) throws IOException {
        List<SourceImage> images = new ArrayList<>();
        DockerConversion conversion = new DockerConversion(target, this::find, limits);
        for (DockerManifest image : docker) {
            List<Reference> names = image.names();
            images.add(new SourceImage(names, conversion.convert(image)));
        }
        return images;
    }

    private Descriptor find(String name) throws StoreException {
        String at = name;
        for (int i = 0; i <= MAX_LINKS; i++) {
            Descriptor file = files.get(at);
            if (file != null) {
                return file;
            }
            String next = links.get(at);
            if (next == null) {
                break;
            }
            at = next;
        }
        throw new StoreException("the archive's manifest.json names %s, which isn't there".formatted(Quoted.of(name)));
    }
}

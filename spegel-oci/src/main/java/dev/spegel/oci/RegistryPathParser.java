package dev.spegel.oci;

import dev.spegel.oci.RegistryPath.Blob;
import dev.spegel.oci.RegistryPath.ManifestByDigest;
import dev.spegel.oci.RegistryPath.ManifestByTag;
import dev.spegel.oci.RegistryPath.Root;
import dev.spegel.oci.RegistryPath.Unserved;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a {@link RegistryPath} from its end, since a repository may have components called {@code manifests} and {@code blobs}: the
 * last segment is a tag or digest, the one before says of what, and all before that is the name.
 */
final class RegistryPathParser {
    private static final String PREFIX = "/v2/";

    /** The longest registry, repository and digest make 662. */
    private static final int MAX_CHARS = 1024;

    /** RFC 3986, section 3.3, without percent-encoding. */
    private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@\\[\\]/-]*");

    private static final Pattern EMPTY_OR_DOT_SEGMENT = Pattern.compile("/\\.{0,2}/|/\\.{1,2}$");

    /** The colon of a digest, percent-encoded. */
    private static final Pattern ENCODED_COLON = Pattern.compile("([a-z0-9]+)%3[Aa]([^%]*)");

    private RegistryPathParser() {}

    static RegistryPath parse(String rawPath, Optional<String> namespace) {
        if (rawPath.equals("/v2") || rawPath.equals(PREFIX)) {
            return new Root();
        }
        if (rawPath.length() > MAX_CHARS) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a path has at most %d characters, got %s".formatted(MAX_CHARS, Quoted.of(rawPath)));
        }
        int lastSlash = rawPath.lastIndexOf('/');
        int kindSlash = rawPath.lastIndexOf('/', lastSlash - 1);
        boolean hasName = rawPath.startsWith(PREFIX) && kindSlash >= PREFIX.length();
        String kind = hasName ? rawPath.substring(kindSlash + 1, lastSlash) : "";
        String last = rawPath.substring(lastSlash + 1);
        if (kind.equals("manifests")) {
            Name name = Name.of(rawPath.substring(PREFIX.length(), kindSlash), namespace);
            return manifest(name, last);
        }
        if (kind.equals("blobs") && !last.equals("uploads")) {
            Name name = Name.of(rawPath.substring(PREFIX.length(), kindSlash), namespace);
            return new Blob(name.registry(), name.repository(), Digest.parse(withColon(last)));
        }
        if (!PLAIN.matcher(rawPath).matches()
                || EMPTY_OR_DOT_SEGMENT.matcher(rawPath).find()) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a path has no percent-encoding, empty segment or dot segment, got " + Quoted.of(rawPath));
        }
        return new Unserved(rawPath);
    }

    private static RegistryPath manifest(Name name, String last) {
        String reference = withColon(last);
        if (reference.indexOf(':') >= 0) {
            return new ManifestByDigest(name.registry(), name.repository(), Digest.parse(reference));
        }
        return new ManifestByTag(name.registry(), name.repository(), reference);
    }

    private static String withColon(String last) {
        return ENCODED_COLON.matcher(last).replaceFirst("$1:$2");
    }

    /** What stands before the endpoint, checked before what stands behind it. */
    private record Name(Optional<String> registry, String repository) {
        private Name {
            registry.ifPresent(ReferenceGrammar::requireRegistry);
            ReferenceGrammar.requireRepository(repository);
        }

        private static Name of(String path, Optional<String> namespace) {
            int slash = path.indexOf('/');
            if (namespace.isEmpty() && slash >= 0 && ReferenceGrammar.looksLikeRegistry(path.substring(0, slash))) {
                return new Name(Optional.of(path.substring(0, slash)), path.substring(slash + 1));
            }
            return new Name(namespace, path);
        }
    }
}

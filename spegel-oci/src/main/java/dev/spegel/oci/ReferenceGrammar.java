package dev.spegel.oci;

import java.util.regex.Pattern;

/** The parts of a reference. Repository and tag: distribution-spec v1.1.1, section "Pulling manifests". */
final class ReferenceGrammar {
    /** A host name, an IPv4 address or a bracketed IPv6 address, then an optional port: RFC 3986, section 3.2.2. */
    private static final Pattern REGISTRY = Pattern.compile(
            "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
                    + "|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");

    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

    /** distribution-spec: many clients limit host, port and name to 255 characters together. */
    private static final int MAX_REPOSITORY_CHARS = 255;

    /** RFC 1035, section 2.3.4, and a port. */
    private static final int MAX_REGISTRY_CHARS = 255 + 6;

    private ReferenceGrammar() {}

    /**
     * Whether the first component of a name is a registry rather than the start of a repository. It may be a malformed one.
     */
    static boolean looksLikeRegistry(String component) {
        return component.indexOf('.') >= 0 || component.indexOf(':') >= 0 || component.equals("localhost");
    }

    static boolean isRegistry(String text) {
        return text.length() <= MAX_REGISTRY_CHARS && REGISTRY.matcher(text).matches();
    }

    static boolean isRepository(String text) {
        return text.length() <= MAX_REPOSITORY_CHARS && REPOSITORY.matcher(text).matches();
    }

    static void requireRegistry(String text) {
        if (!isRegistry(text)) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID, "a registry is a host with an optional port, got " + Quoted.of(text));
        }
    }

    static void requireRepository(String text) {
        if (!isRepository(text)) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a repository is lower-case path components of at most %d characters in all, got %s"
                            .formatted(MAX_REPOSITORY_CHARS, Quoted.of(text)));
        }
    }

    static void requireTag(String text) {
        if (!TAG.matcher(text).matches()) {
            throw new OciSyntaxException(
                    ErrorCode.MANIFEST_INVALID,
                    "a tag has 1 to 128 letters, digits, '_', '.' and '-', and starts with no '.' or '-', got "
                            + Quoted.of(text));
        }
    }
}

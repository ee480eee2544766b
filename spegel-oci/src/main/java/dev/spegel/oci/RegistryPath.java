package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The path of a request to a registry, told apart: OCI distribution-spec v1.1.1, section "Endpoints".
 *
 * <p>A path is read as the client sent it, before any decoding. Nothing in it needs percent-encoding, so that is refused, but for the
 * colon of a digest, which some clients write {@code %3A}.
 */
public sealed interface RegistryPath {
    /**
     * Reads the path of a request that names no registry beside the path. The first component is the registry if it has a dot or a
     * colon or is {@code localhost}, and a repository follows: {@code /v2/docker.io/library/app/manifests/1.0}.
     *
     * @param rawPath without query, still percent-encoded
     * @throws OciSyntaxException NAME_INVALID for a bad registry or repository, DIGEST_INVALID for a bad digest, MANIFEST_INVALID for
     *     a bad tag
     */
    static RegistryPath parse(String rawPath) {
        return RegistryPathParser.parse(rawPath, Optional.empty());
    }

    /**
     * Reads the path of a request whose query names the registry ({@code ns=docker.io}, as containerd does): then the path is all
     * repository.
     *
     * @param rawPath without query, still percent-encoded
     * @param namespace the decoded value of the query's {@code ns}
     * @throws OciSyntaxException as for {@link #parse(String)}
     */
    static RegistryPath parse(String rawPath, String namespace) {
        ReferenceGrammar.requireRegistry(namespace);
        return RegistryPathParser.parse(rawPath, Optional.of(namespace));
    }

    /** {@code /v2} or {@code /v2/}: end-1. */
    record Root() implements RegistryPath {}

    /**
     * A path that asks for something else than content: the list of tags or repositories, referrers, uploads, an extension, or
     * something outside {@code /v2}. It has no odd characters, and is otherwise unchecked.
     */
    record Unserved(String path) implements RegistryPath {
        public Unserved {
            requireNonNull(path, "path");
        }
    }

    /** A path that asks for content of a repository. */
    sealed interface Content extends RegistryPath {
        /** The registry that the content is from, if the request says so. */
        Optional<String> registry();

        /** The repository, without the registry: {@code library/app}. */
        String repository();
    }

    /** {@code /v2/<name>/manifests/<tag>}: end-3. */
    record ManifestByTag(Optional<String> registry, String repository, String tag) implements Content {
        public ManifestByTag {
            registry.ifPresent(ReferenceGrammar::requireRegistry);
            ReferenceGrammar.requireRepository(repository);
            ReferenceGrammar.requireTag(tag);
        }

        /** The tag in full; empty if the registry isn't known. */
        public Optional<TagReference> toTag() {
            return registry.map(host -> new TagReference(host, repository, tag));
        }
    }

    /** {@code /v2/<name>/manifests/<digest>}: end-3. */
    record ManifestByDigest(Optional<String> registry, String repository, Digest digest) implements Content {
        public ManifestByDigest {
            registry.ifPresent(ReferenceGrammar::requireRegistry);
            ReferenceGrammar.requireRepository(repository);
            requireNonNull(digest, "digest");
        }
    }

    /** {@code /v2/<name>/blobs/<digest>}: end-2. */
    record Blob(Optional<String> registry, String repository, Digest digest) implements Content {
        public Blob {
            registry.ifPresent(ReferenceGrammar::requireRegistry);
            ReferenceGrammar.requireRepository(repository);
            requireNonNull(digest, "digest");
        }
    }
}

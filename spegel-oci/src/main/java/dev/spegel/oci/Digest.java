package dev.spegel.oci;

import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of content: an algorithm and the hash it gave, written {@code sha256:6c3c6…}.
 *
 * <p>Grammar: OCI image-spec v1.1.1, descriptor.md#digests. Only registered algorithms are accepted, in lower-case hex.
 */
public record Digest(Algorithm algorithm, String encoded) implements Comparable<Digest> {
    private static final Pattern LOWER_HEX = Pattern.compile("[0-9a-f]+");

    /** @throws OciSyntaxException if {@code encoded} isn't a hash of this algorithm */
    public Digest {
        requireNonNull(algorithm, "algorithm");
        if (encoded.length() != algorithm.hexLength()
                || !LOWER_HEX.matcher(encoded).matches()) {
            throw new OciSyntaxException(
                    ErrorCode.DIGEST_INVALID,
                    "a %s digest has %d lower-case hex characters, got %s"
                            .formatted(algorithm, algorithm.hexLength(), Quoted.of(encoded)));
        }
    }

    /**
     * Reads {@code algorithm:encoded}.
     *
     * @throws OciSyntaxException if the text has another form, or the algorithm isn't a registered one
     */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new OciSyntaxException(
                    ErrorCode.DIGEST_INVALID, "a digest is algorithm:encoded, got " + Quoted.of(text));
        }
        return new Digest(Algorithm.named(text.substring(0, colon)), text.substring(colon + 1));
    }

    /** The SHA-256 digest of these bytes. */
    public static Digest ofSha256(byte[] content) {
        return of(Algorithm.SHA256, Algorithm.SHA256.newMessageDigest().digest(content));
    }

    /** @throws OciSyntaxException if the hash hasn't the length that this algorithm gives */
    public static Digest of(Algorithm algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    /** Whether these bytes have this digest. */
    public boolean matches(byte[] content) {
        return equals(of(algorithm, algorithm.newMessageDigest().digest(content)));
    }

    /** By algorithm, then by hash. */
    @Override
    public int compareTo(Digest other) {
        int byAlgorithm = algorithm.compareTo(other.algorithm);
        return byAlgorithm != 0 ? byAlgorithm : encoded.compareTo(other.encoded);
    }

    @Override
    public String toString() {
        return algorithm + ":" + encoded;
    }

    /** The registered algorithms that containerd accepts: image-spec v1.1.1, descriptor.md#registered-algorithms. */
    public enum Algorithm {
        SHA256("sha256", "SHA-256", 64),
        SHA512("sha512", "SHA-512", 128);

        private final String text;
        private final String jcaName;
        private final int hexLength;

        Algorithm(String text, String jcaName, int hexLength) {
            this.text = text;
            this.jcaName = jcaName;
            this.hexLength = hexLength;
        }

        /** @throws OciSyntaxException if no algorithm has this name, in lower case */
        public static Algorithm named(String text) {
            for (Algorithm algorithm : values()) {
                if (algorithm.text.equals(text)) {
                    return algorithm;
                }
            }
            throw new OciSyntaxException(
                    ErrorCode.DIGEST_INVALID, "a digest's algorithm is sha256 or sha512, got " + Quoted.of(text));
        }

        /** The length of an encoded hash, in characters. */
        public int hexLength() {
            return hexLength;
        }

        /** A fresh hash function. */
        public MessageDigest newMessageDigest() {
            try {
                return MessageDigest.getInstance(jcaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(jcaName + " is part of every Java platform", e);
            }
        }

        @Override
        public String toString() {
            return text;
        }
    }
}

package dev.spegel.libp2p.pnet;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The secret of a private network, which all of its nodes have. It keeps strangers out and hides what is said, also which protocols
 * are; who a peer is and that nothing was changed on the way Noise or TLS prove, inside it.
 *
 * <p>The file that holds it is that of go-libp2p and Kubo, there called {@code swarm.key}: a line {@code /key/swarm/psk/1.0.0/}, a
 * line {@code /base16/}, {@code /base64/} or {@code /bin/}, and the key so encoded. Specification: libp2p/specs,
 * pnet/Private-Networks-PSK-V1.md; file: go-libp2p, core/pnet/codec.go.
 */
public final class PreSharedKey {
    /** Of XSalsa20, and so of libp2p's private networks. */
    public static final int BYTES = 32;

    /** Twice as long as the longest that is of use, so that no large file is read by mistake. */
    static final int MAX_FILE_BYTES = 256;

    private static final String HEADER = "/key/swarm/psk/1.0.0/";

    private final byte[] key;

    private PreSharedKey(byte[] key) {
        this.key = key;
    }

    /**
     * The key of these bytes, which are copied.
     *
     * @throws MalformedException unless it is {@link #BYTES} bytes; the message doesn't show them
     */
    public static PreSharedKey of(byte[] key) {
        if (key.length != BYTES) {
            throw new MalformedException("a pre-shared key has %d bytes, got %d".formatted(BYTES, key.length));
        }
        return new PreSharedKey(key.clone());
    }

    /**
     * Reads a key file. Its mode isn't looked at, since mounted secrets often have a wider one.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if it can't be read
     * @throws MalformedException as {@link #parse}
     */
    public static PreSharedKey load(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in.readNBytes(MAX_FILE_BYTES + 1));
        }
    }

    /**
     * Reads what a key file holds. Lines end in a line feed, with a carriage return before it or not; what follows the key is one line's
     * end at most.
     *
     * @throws MalformedException if it's something else, or the key has another length; the message doesn't show the key
     */
    public static PreSharedKey parse(byte[] file) {
        if (file.length > MAX_FILE_BYTES) {
            throw new MalformedException(
                    "the file of a pre-shared key has at most %d bytes, got more".formatted(MAX_FILE_BYTES));
        }
        int first = lineEnd(file, 0);
        if (!line(file, 0, first).equals(HEADER)) {
            throw new MalformedException("the file of a pre-shared key begins with a line %s".formatted(HEADER));
        }
        int second = lineEnd(file, first);
        String encoding = line(file, first, second);
        byte[] rest = Arrays.copyOfRange(file, second, file.length);
        return of(
                switch (encoding) {
                    case "/base16/" -> decode(encoding, rest, HexFormat.of()::parseHex);
                    case "/base64/" -> decode(encoding, rest, Base64.getDecoder()::decode);
                    case "/bin/" -> withoutLineEnd(rest);
                    default ->
                        throw new MalformedException(
                                "the second line of a pre-shared key's file is /base16/, /base64/ or /bin/, got "
                                        + Quoted.of(encoding));
                });
    }

    private interface Decoder {
        byte[] decode(String text);
    }

    private static byte[] decode(String encoding, byte[] text, Decoder decoder) {
        try {
            return decoder.decode(new String(text, StandardCharsets.ISO_8859_1).strip());
        } catch (IllegalArgumentException e) {
            // Without the cause, whose message shows a part of the key.
            throw new MalformedException("what follows %s isn't so encoded".formatted(encoding));
        }
    }

    /** Editors end a file with a line's end, even behind bytes that aren't text. */
    private static byte[] withoutLineEnd(byte[] key) {
        boolean ended = key.length == BYTES + 1 && key[BYTES] == '\n';
        return ended ? Arrays.copyOf(key, BYTES) : key;
    }

    /** Where the next line begins. */
    private static int lineEnd(byte[] file, int from) {
        for (int i = from; i < file.length; i++) {
            if (file[i] == '\n') {
                return i + 1;
            }
        }
        return file.length;
    }

    private static String line(byte[] file, int from, int to) {
        return new String(file, from, to - from, StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /**
     * Encrypts or decrypts one direction of a connection.
     *
     * @param nonce {@link PrivateStream#NONCE_BYTES} random bytes, which the sender has sent first and never uses again
     */
    public PrivateStream stream(byte[] nonce) {
        return new PrivateStream(key, nonce);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PreSharedKey that && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "a pre-shared key";
    }
}

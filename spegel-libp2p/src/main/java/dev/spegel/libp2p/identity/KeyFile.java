package dev.spegel.libp2p.identity;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node's key on disk: PKCS #8 in PEM (RFC 7468, section 10), readable by its owner only. OpenSSL and Go read and write
 * the same.
 */
public final class KeyFile {
    /** An Ed25519 key takes about 120 bytes, an RSA key of 8192 bits 6.4 KiB; more is no key. */
    static final int MAX_FILE_BYTES = 16 * 1024;

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private static final String LABEL = "PRIVATE KEY";

    /** All of a PrivateKeyInfo but the seed: RFC 8410, section 7. */
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private KeyFile() {}

    /**
     * Reads the key, or makes one and stores it if there is no such file; then {@code file}'s directory must exist. The file
     * belongs to one node: two that start at the same moment may each make a key, and one is lost.
     *
     * @throws IOException if the file can't be read or written
     * @throws MalformedException if it holds something else
     */
    public static KeyPair loadOrCreate(Path file) throws IOException {
        try {
            return load(file);
        } catch (NoSuchFileException e) {
            KeyPair created = KeyPair.generate();
            store(created, file);
            return created;
        }
    }

    /**
     * Reads the key. Its file's mode isn't looked at, since mounted secrets often have a wider one.
     *
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it can't be read
     * @throws MalformedException if it holds something else than one Ed25519 key in PKCS #8; the message doesn't show what
     */
    public static KeyPair load(Path file) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_FILE_BYTES + 1);
        }
        if (content.length > MAX_FILE_BYTES) {
            throw new MalformedException(
                    "a key file has at most %d bytes, %s has more".formatted(MAX_FILE_BYTES, file));
        }
        Matcher pem = PEM.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new MalformedException("no PEM block in " + file);
        }
        if (!pem.group(1).equals(LABEL)) {
            throw new MalformedException(
                    "the PEM block in %s is \"%s\", needed is \"%s\" (PKCS #8)".formatted(file, pem.group(1), LABEL));
        }
        try {
            return fromPkcs8(Base64.getMimeDecoder().decode(pem.group(2)));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new MalformedException("the key in %s isn't an Ed25519 key in PKCS #8".formatted(file), e);
        }
    }

    private static KeyPair fromPkcs8(byte[] encoded) throws GeneralSecurityException {
        try {
            var key = (EdECPrivateKey)
                    KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
            return KeyPair.ofSeed(key.getBytes()
                    .orElseThrow(
                            () -> new IllegalStateException("this Java platform hides the bytes of Ed25519 keys")));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform lacks Ed25519", e);
        }
    }

    /**
     * Writes the key, with mode 0600 where the file system knows modes, and replaces the file at once: whoever reads it, even
     * after a crash, sees the old content or the new.
     *
     * @throws IOException if that fails; then {@code file} is as it was
     */
    public static void store(KeyPair key, Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Path written = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        Files.createFile(written, ownerOnly(target));
        try {
            try (FileChannel out = FileChannel.open(written, StandardOpenOption.WRITE)) {
                ByteBuffer pem = ByteBuffer.wrap(toPem(key).getBytes(StandardCharsets.US_ASCII));
                while (pem.hasRemaining()) {
                    out.write(pem);
                }
                out.force(true);
            }
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static String toPem(KeyPair key) {
        byte[] encoded = ByteBuffer.allocate(PKCS8_PREFIX.length + KeyPair.SEED_LENGTH)
                .put(PKCS8_PREFIX)
                .put(key.seed())
                .array();
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                .formatted(LABEL, Base64.getEncoder().encodeToString(encoded));
    }
}

package dev.spegel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files {@code username} and {@code password} of a directory that a Kubernetes secret is mounted as, or that somebody writes by hand.
 *
 * @param directory need not be there
 */
public record BasicAuthFiles(Path directory) {
    /** Both together, in Base64, must fit into a request's headers, of which Jetty takes 8 KiB and Go 1 MiB. */
    static final int MAX_BYTES = 1024;

    /** What the kubelet replaces when a secret changes: a symbolic link to the directory that has the files of one version of it. */
    private static final String VERSION_LINK = "..data";

    public BasicAuthFiles {
        requireNonNull(directory, "directory");
    }

    /**
     * Reads the pair; empty if neither file is there. Of a mounted secret both are of the same version; files that are written by hand may
     * be caught half changed.
     *
     * @throws IOException if only one is there, or they can't be used; the message names the file and not what is in it
     */
    public Optional<BasicCredentials> read() throws IOException {
        Path link = directory.resolve(VERSION_LINK);
        Path version = Files.exists(link) ? link.toRealPath() : directory;
        Optional<String> username = text(version, "username");
        Optional<String> password = text(version, "password");
        if (username.isPresent() != password.isPresent()) {
            throw new IOException(directory + ": basic authentication needs both files, username and password");
        }
        if (username.isEmpty() || password.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BasicCredentials(username.get(), password.get()));
        } catch (IllegalArgumentException e) {
            throw new IOException(directory + ": " + e.getMessage(), e);
        }
    }

    /** The text of a file without the line break that editors add; empty if there is no such file. */
    private Optional<String> text(Path version, String name) throws IOException {
        Path file = version.resolve(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Path shown = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IOException(shown + ": is no file"); // a pipe would hang
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new IOException(shown + ": can't be read: " + e.getClass().getSimpleName(), e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("%s: has more than %d bytes".formatted(shown, MAX_BYTES));
        }
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().stripTrailing();
        } catch (CharacterCodingException e) {
            throw new IOException(shown + ": isn't text in UTF-8", e);
        }
        if (text.isEmpty()) {
            throw new IOException(shown + ": is empty");
        }
        return Optional.of(text);
    }
}

package dev.spegel.agent;

import dev.spegel.routing.BasicCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A secret as the kubelet mounts and replaces it: {@code username} and {@code password} are links to files in {@code ..data}, which is a
 * link to the directory of one version, and is replaced in one step.
 */
final class MountedSecret {
    private final Path directory;
    private int version;

    MountedSecret(Path directory, BasicCredentials first) throws IOException {
        this.directory = Files.createDirectories(directory);
        for (String name : new String[] {"username", "password"}) {
            Files.createSymbolicLink(directory.resolve(name), Path.of("..data", name));
        }
        replace(first);
    }

    Path directory() {
        return directory;
    }

    void replace(BasicCredentials pair) throws IOException {
        Path old = directory.resolve("..version" + version);
        version++;
        Path files = Files.createDirectory(directory.resolve("..version" + version));
        Files.writeString(files.resolve("username"), pair.user());
        Files.writeString(files.resolve("password"), pair.password());
        Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), files.getFileName());
        Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String name : new String[] {"username", "password"}) {
            Files.deleteIfExists(old.resolve(name));
        }
        Files.deleteIfExists(old);
    }
}

package dev.spegel.containerd.mirror;

import static dev.spegel.containerd.mirror.ConfigEntries.HOSTS_TOML;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Works out how a directory of registries shall look. Reads only, and all that it reads, so that what can't be understood is refused
 * before anything is touched.
 *
 * <p>What counts as configured by others is what the backup has, and what lies beside it and isn't Spegel's: somebody added that
 * later.
 */
final class Plan {
    private static final Set<PosixFilePermission> FOR_ALL = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> FOR_OWNER = PosixFilePermissions.fromString("rw-------");

    private final SortedMap<String, Path> others;
    private final MirrorConfiguration mirrors;
    private final Map<String, Desired> desired = new LinkedHashMap<>();

    /** @param others what others configured, by name */
    private Plan(SortedMap<String, Path> others, MirrorConfiguration mirrors) {
        this.others = others;
        this.mirrors = mirrors;
    }

    /** By name; what isn't named shall not be there. */
    static Map<String, Desired> of(SortedMap<String, Path> others, MirrorConfiguration mirrors)
            throws MirrorConfigurationException {
        return new Plan(others, mirrors).make();
    }

    private Map<String, Desired> make() throws MirrorConfigurationException {
        for (MirroredRegistry registry : mirrors.registries()) {
            if (mirrors.prependExisting()) {
                prepend(registry);
            } else {
                replace(registry);
            }
        }
        if (mirrors.prependExisting()) {
            boolean all = mirrors.registries().stream().anyMatch(MirroredRegistry::isAll);
            for (Map.Entry<String, Path> other : others.entrySet()) {
                if (!desired.containsKey(other.getKey())) {
                    keep(other.getKey(), other.getValue(), all);
                }
            }
        }
        return desired;
    }

    private void replace(MirroredRegistry registry) throws MirrorConfigurationException {
        Optional<Path> other = Optional.ofNullable(others.get(registry.host())).filter(ConfigEntries::isDirectory);
        desired.put(
                registry.host(),
                new Desired.Mirrored(
                        HostsFile.EMPTY.behind(mirrors, registry.server()), mode(other), List.of(), other));
    }

    /** Puts the mirrors before what containerd would use for this registry otherwise. */
    private void prepend(MirroredRegistry registry) throws MirrorConfigurationException {
        for (String name : MirroredRegistry.directories(registry.host())) {
            Path other = others.get(name);
            if (other != null && Files.isDirectory(other)) {
                // A directory of its own stays the one that containerd looks into.
                boolean own = registry.isAll() || !name.equals(MirroredRegistry.DEFAULT_HOST);
                desired.put(own ? name : registry.host(), behind(registry.server(), other));
                return;
            }
        }
        replace(registry);
    }

    private Desired behind(Optional<String> server, Path other) throws MirrorConfigurationException {
        HostsFile hosts = ConfigEntries.hosts(other);
        return new Desired.Mirrored(
                hosts.behind(mirrors, server), mode(Optional.of(other)), List.of(other), Optional.empty());
    }

    /** @param mirrored whether the mirrors are for all registries, so also for this, which has a directory of its own */
    private void keep(String name, Path other, boolean mirrored) throws MirrorConfigurationException {
        boolean behind = mirrored
                && ConfigEntries.isDirectory(other)
                && !ConfigEntries.hosts(other).isEmpty();
        desired.put(name, behind ? behind(Optional.empty(), other) : new Desired.Kept(other));
    }

    /** That of the file before, but what holds credentials is for its owner only. */
    private Set<PosixFilePermission> mode(Optional<Path> before) throws MirrorConfigurationException {
        Set<PosixFilePermission> mode = FOR_ALL;
        if (before.isPresent()) {
            Path file = before.get().resolve(HOSTS_TOML);
            try {
                mode = Files.exists(file) ? Files.getPosixFilePermissions(file) : FOR_ALL;
            } catch (IOException e) {
                throw MirrorConfigurationException.because("read " + file, e);
            }
        }
        return mirrors.authorization().isPresent() ? FOR_OWNER : mode;
    }
}

package dev.spegel.containerd.mirror;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A {@code hosts.toml}: the hosts that containerd asks one after the other, and at last the registry itself, each with its settings.
 * Format: containerd's docs/hosts.md.
 *
 * @param server the keys of the file outside of tables: {@code server} and settings for it
 * @param hosts by URL, in the order of the file
 */
record HostsFile(Map<String, JsonNode> server, Map<String, ObjectNode> hosts) {
    /** Begins every file that is written here. */
    static final String MARK = "# Written by \"spegel configuration\".";

    static final HostsFile EMPTY = new HostsFile(Map.of(), Map.of());

    private static final String HOST = "host";
    private static final String SERVER = "server";
    private static final String CAPABILITIES = "capabilities";
    private static final String DIAL_TIMEOUT = "dial_timeout";
    private static final String HEADER = "header";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final TomlMapper TOML = new TomlMapper();

    HostsFile {
        server = new LinkedHashMap<>(server);
        hosts = new LinkedHashMap<>(hosts);
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if containerd would ignore it, with the reason
     */
    static HostsFile parse(String text) {
        JsonNode root;
        try {
            root = TOML.readTree(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "line %d isn't TOML: %s"
                            .formatted(Math.max(1, e.getLocation().getLineNr()), e.getOriginalMessage()),
                    e);
        }
        Map<String, JsonNode> server = new LinkedHashMap<>();
        Map<String, ObjectNode> hosts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (!entry.getKey().equals(HOST)) {
                server.put(entry.getKey(), entry.getValue());
            } else if (entry.getValue() instanceof ObjectNode tables) {
                tables.properties().forEach(host -> hosts.put(host.getKey(), table(host.getKey(), host.getValue())));
            } else {
                throw new IllegalArgumentException("host isn't a table");
            }
        }
        HostSettings.check("the registry", server);
        hosts.forEach((url, settings) -> HostSettings.check(url, asMap(settings)));
        return new HostsFile(server, hosts);
    }

    private static ObjectNode table(String url, JsonNode value) {
        if (value instanceof ObjectNode settings) {
            return settings;
        }
        throw new IllegalArgumentException("host " + url + " isn't a table");
    }

    private static Map<String, JsonNode> asMap(ObjectNode table) {
        Map<String, JsonNode> map = new LinkedHashMap<>();
        table.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
        return map;
    }

    /**
     * What containerd does with a directory without the file: certificates that lie there are for the registry ({@code loadCertFiles}
     * in its remotes/docker/config). Once there is a file it must name them.
     */
    static HostsFile ofCertificates(Collection<String> fileNames) {
        ArrayNode authorities = NODES.arrayNode();
        ArrayNode clients = NODES.arrayNode();
        for (String name : new TreeSet<>(fileNames)) {
            if (name.endsWith(".crt")) {
                authorities.add(name);
            } else if (name.endsWith(".cert")) {
                clients.add(
                        NODES.arrayNode().add(name).add(name.substring(0, name.length() - "cert".length()) + "key"));
            }
        }
        Map<String, JsonNode> server = new LinkedHashMap<>();
        if (!authorities.isEmpty()) {
            server.put("ca", authorities);
        }
        if (!clients.isEmpty()) {
            server.put("client", clients);
        }
        return new HostsFile(server, Map.of());
    }

    boolean isEmpty() {
        return server.isEmpty() && hosts.isEmpty();
    }

    /**
     * Whether the Go implementation wrote this: hosts with its dial timeout and no setting that it doesn't write. (Ours has the
     * mark.)
     */
    boolean isOfTheGoImplementation() {
        Set<String> known = Set.of(CAPABILITIES, DIAL_TIMEOUT, HEADER);
        return !hosts.isEmpty()
                && Set.of(SERVER).containsAll(server.keySet())
                && hosts.values().stream()
                        .allMatch(host -> host.path(DIAL_TIMEOUT).asText().equals("200ms")
                                && known.containsAll(asMap(host).keySet()));
    }

    /** The hosts as others may see them. */
    List<RegistryHost> registryHosts() {
        List<RegistryHost> list = new ArrayList<>();
        hosts.forEach((url, settings) -> {
            List<String> capabilities = new ArrayList<>();
            settings.path(CAPABILITIES).forEach(capability -> capabilities.add(capability.asText()));
            list.add(new RegistryHost(url, capabilities));
        });
        return list;
    }

    /**
     * The text of this file with the mirrors before its own hosts. A host that is among the mirrors is left out.
     *
     * @param where names the registry where this file doesn't
     */
    String behind(MirrorConfiguration mirrors, Optional<String> where) {
        TomlText toml = new TomlText();
        toml.comment(MARK.substring("# ".length()))
                .comment("What was here before is in _backup; \"spegel cleanup\" puts it back.");
        Map<String, JsonNode> registry = new LinkedHashMap<>();
        where.ifPresent(url -> registry.put(SERVER, NODES.textNode(url)));
        registry.putAll(server);
        writeSettings(toml, registry);
        Set<String> written = new TreeSet<>();
        for (MirrorTarget target : mirrors.targets()) {
            written.add(target.url());
            toml.emptyLine().header(HOST, target.url());
            writeSettings(toml, mirrorSettings(mirrors, target), HOST, target.url());
        }
        hosts.forEach((url, settings) -> {
            if (!written.contains(url)) {
                toml.emptyLine().header(HOST, url);
                writeSettings(toml, asMap(settings), HOST, url);
            }
        });
        writeTables(toml, registry);
        return toml.toString();
    }

    private static Map<String, JsonNode> mirrorSettings(MirrorConfiguration mirrors, MirrorTarget target) {
        Map<String, JsonNode> settings = new LinkedHashMap<>();
        ArrayNode capabilities = NODES.arrayNode().add("pull");
        if (mirrors.resolveTags()) {
            capabilities.add("resolve");
        }
        settings.put(CAPABILITIES, capabilities);
        settings.put(DIAL_TIMEOUT, NODES.textNode(goDuration(mirrors.dialTimeout())));
        if (target.isEncrypted()) {
            mirrors.tls()
                    .flatMap(MirrorTls::authorities)
                    .ifPresent(pem -> settings.put("ca", tls(MirrorDirectory.AUTHORITIES)));
            mirrors.tls()
                    .flatMap(MirrorTls::client)
                    .ifPresent(pem -> settings.put("client", tls(MirrorDirectory.CLIENT)));
        }
        mirrors.authorization()
                .ifPresent(value -> settings.put(HEADER, NODES.objectNode().put("Authorization", value)));
        return settings;
    }

    /** Relative to the directory of the file, which may have another path where containerd runs. */
    private static JsonNode tls(String file) {
        return NODES.textNode("../" + MirrorDirectory.TLS + "/" + file);
    }

    /** As of Go's {@code time.ParseDuration}, in the largest unit that gives a whole number. */
    private static String goDuration(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos % 1_000_000 == 0) {
            return nanos / 1_000_000 + "ms";
        }
        return nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
    }

    /** Values first, since what follows the header of a table belongs to that; for the file itself tables come at the very end. */
    private static void writeSettings(TomlText toml, Map<String, JsonNode> settings, String... table) {
        settings.forEach((key, value) -> {
            if (!value.isObject()) {
                toml.entry(key, value);
            }
        });
        if (table.length > 0) {
            writeTables(toml, settings, table);
        }
    }

    private static void writeTables(TomlText toml, Map<String, JsonNode> settings, String... table) {
        settings.forEach((key, value) -> {
            if (value instanceof ObjectNode entries) {
                List<String> path = new ArrayList<>(List.of(table));
                path.add(key);
                toml.header(path.toArray(String[]::new));
                entries.properties().forEach(entry -> toml.entry(entry.getKey(), entry.getValue()));
            }
        });
    }
}

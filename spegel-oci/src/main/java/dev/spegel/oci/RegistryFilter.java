package dev.spegel.oci;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which images a mirror has to do with: those of the registries that it mirrors, less those that a pattern refuses. Safe for use by
 * many threads.
 *
 * <p>A pattern is one of {@link java.util.regex}, looked for anywhere in {@code registry/repository[:tag]} (without the registry,
 * where a request names none), a text of at most some 650 characters. Such a pattern can take time that grows exponentially with the
 * text. Here a search ends after {@value #MAX_STEPS} characters looked at, some ten milliseconds, and what it couldn't decide is
 * refused. Sensible patterns need a few thousand.
 */
public final class RegistryFilter {
    /** Admits all. */
    public static final RegistryFilter ADMIT_ALL = new RegistryFilter(List.of(), Set.of(), List.of());

    static final int MAX_STEPS = 1_000_000;

    private final List<Pattern> mirrored;
    private final Set<String> named;
    private final List<Pattern> refused;

    private RegistryFilter(List<Pattern> mirrored, Set<String> named, List<Pattern> refused) {
        this.mirrored = mirrored;
        this.named = named;
        this.refused = refused;
    }

    /**
     * A filter of these settings.
     *
     * @param mirroredRegistries hosts with their ports as images name them ({@code docker.io}, {@code localhost:5000}), with or
     *     without {@code http://} or {@code https://} before them; {@code *} in a host stands for any part of its name. None at all,
     *     {@code *} or {@code _default} admit every registry
     * @param refusedPatterns what to refuse, see above
     * @throws OciSyntaxException NAME_INVALID if a registry isn't of that form
     */
    public static RegistryFilter of(Collection<String> mirroredRegistries, Collection<Pattern> refusedPatterns) {
        List<Pattern> mirrored = new ArrayList<>();
        Set<String> named = new HashSet<>();
        boolean all = mirroredRegistries.isEmpty();
        for (String registry : mirroredRegistries) {
            if (registry.equals("*") || registry.equals("_default")) {
                all = true;
            } else {
                mirrored.add(registryPattern(registry));
                if (registry.indexOf('*') < 0) {
                    named.add(host(registry));
                }
            }
        }
        return new RegistryFilter(
                all ? List.of() : List.copyOf(mirrored), Set.copyOf(named), List.copyOf(refusedPatterns));
    }

    /** The registries that the settings name as such, without {@code *}; in the form in which images name them. */
    public Set<String> namedRegistries() {
        return named;
    }

    /**
     * Whether to serve this. A request that names no registry is of no registry that could be left out; only patterns refuse it.
     *
     * @param tag empty for a request by digest
     */
    public boolean admits(Optional<String> registry, String repository, Optional<String> tag) {
        if (registry.isPresent() && !mirrors(registry.get())) {
            return false;
        }
        String name = registry.map(host -> host + "/").orElse("")
                + repository
                + tag.map(text -> ":" + text).orElse("");
        return refused.stream().noneMatch(pattern -> finds(pattern, name));
    }

    private boolean mirrors(String registry) {
        return mirrored.isEmpty()
                || mirrored.stream()
                        .anyMatch(pattern -> pattern.matcher(registry).matches());
    }

    private static boolean finds(Pattern pattern, String name) {
        try {
            return pattern.matcher(new CountedText(name, MAX_STEPS)).find();
        } catch (CountedText.UsedUp e) {
            return true;
        }
    }

    private static String host(String entry) {
        return entry.replaceFirst("^https?://", "").replaceFirst("/$", "");
    }

    /** Turns an entry of the list into a pattern for the whole of a registry's name. */
    private static Pattern registryPattern(String entry) {
        String registry = host(entry);
        if (!ReferenceGrammar.isRegistry(registry.replace('*', '1'))) {
            throw new OciSyntaxException(
                    ErrorCode.NAME_INVALID,
                    "a mirrored registry is a host with an optional port, in a URL or not, got " + Quoted.of(entry));
        }
        return Pattern.compile(
                Stream.of(registry.split("\\*", -1)).map(Pattern::quote).collect(joining("[^:/]*")));
    }
}

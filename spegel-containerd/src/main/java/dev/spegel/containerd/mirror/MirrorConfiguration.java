package dev.spegel.containerd.mirror;

import static java.util.Objects.requireNonNull;

import dev.spegel.oci.Quoted;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What containerd shall ask of which mirrors.
 *
 * @param registries whose images; at least one, each once
 * @param targets the mirrors, the first is asked first; at least one, each once
 * @param resolveTags whether the mirrors say what a tag means; otherwise only the registry does, and the mirrors have the content
 * @param dialTimeout how long connecting to a mirror may take; containerd obeys it from 2.0.7 on and ignores it before
 * @param authorization the value of the header that the mirrors want to see, if they want any
 * @param tls for mirrors with {@code https}; those with {@code http} must not have it, or containerd tries TLS with them first
 * @param prependExisting whether mirrors that are configured already stay, after these; otherwise they are put aside
 */
public record MirrorConfiguration(
        List<MirroredRegistry> registries,
        List<MirrorTarget> targets,
        boolean resolveTags,
        Duration dialTimeout,
        Optional<String> authorization,
        Optional<MirrorTls> tls,
        boolean prependExisting) {
    /** As of the Go implementation: a mirror is near, and one that is gone must not hold up every request of a pull. */
    public static final Duration DEFAULT_DIAL_TIMEOUT = Duration.ofMillis(200);

    /** @throws IllegalArgumentException if these don't go together; the message says why */
    public MirrorConfiguration {
        registries = List.copyOf(registries);
        targets = List.copyOf(targets);
        if (registries.isEmpty() || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "a mirror configuration has registries and targets, one of each at least");
        }
        requireOnce("registry", registries.stream().map(MirroredRegistry::host).toList());
        requireOnce(
                "mirror target",
                targets.stream().map(MirrorTarget::canonicalUrl).toList());
        for (MirroredRegistry registry : registries) {
            if (registry.server()
                    .filter(new HashSet<>(
                            targets.stream().map(MirrorTarget::canonicalUrl).toList())::contains)
                    .isPresent()) {
                throw new IllegalArgumentException("a registry isn't its own mirror: %s is both"
                        .formatted(registry.server().orElseThrow()));
            }
        }
        if (dialTimeout.isNegative() || dialTimeout.isZero()) {
            throw new IllegalArgumentException("dialTimeout must be positive, got " + dialTimeout);
        }
        if (tls.isPresent() && targets.stream().noneMatch(MirrorTarget::isEncrypted)) {
            throw new IllegalArgumentException("certificates are for mirror targets with https, and there is none");
        }
        if (authorization
                .filter(value -> value.chars().anyMatch(c -> c < ' ' || c == 0x7f))
                .isPresent()) {
            throw new IllegalArgumentException("an Authorization header has no control characters");
        }
    }

    /** These mirrors for these registries, tags included, in place of what is configured. */
    public static MirrorConfiguration of(List<MirroredRegistry> registries, List<MirrorTarget> targets) {
        return new MirrorConfiguration(
                registries, targets, true, DEFAULT_DIAL_TIMEOUT, Optional.empty(), Optional.empty(), false);
    }

    /** The same, where the mirrors say what a tag names, or only have content. */
    public MirrorConfiguration withResolveTags(boolean resolve) {
        return new MirrorConfiguration(registries, targets, resolve, dialTimeout, authorization, tls, prependExisting);
    }

    /** The same with another limit for a connection to a mirror. */
    public MirrorConfiguration withDialTimeout(Duration timeout) {
        return new MirrorConfiguration(registries, targets, resolveTags, timeout, authorization, tls, prependExisting);
    }

    /** The same with this {@code Authorization} header for the mirrors; the file that holds it is its owner's alone to read. */
    public MirrorConfiguration withAuthorization(String headerValue) {
        return new MirrorConfiguration(
                registries, targets, resolveTags, dialTimeout, Optional.of(headerValue), tls, prependExisting);
    }

    /** With what TLS takes, for the targets with {@code https}; there must be one. */
    public MirrorConfiguration withTls(MirrorTls files) {
        return new MirrorConfiguration(
                registries, targets, resolveTags, dialTimeout, authorization, Optional.of(files), prependExisting);
    }

    /** The same, where hosts that are configured stay after these, or don't. */
    public MirrorConfiguration withPrependExisting(boolean prepend) {
        return new MirrorConfiguration(registries, targets, resolveTags, dialTimeout, authorization, tls, prepend);
    }

    private static void requireOnce(String what, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(requireNonNull(name, what))) {
                throw new IllegalArgumentException("%s %s is named twice".formatted(what, Quoted.of(name)));
            }
        }
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "MirrorConfiguration[registries=%s, targets=%s, resolveTags=%s, dialTimeout=%s, authorization=%s, tls=%s, prependExisting=%s]"
                .formatted(
                        registries,
                        targets,
                        resolveTags,
                        dialTimeout,
                        authorization.isPresent() ? "set" : "none",
                        tls.map(MirrorTls::toString).orElse("none"),
                        prependExisting);
    }
}

package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import dev.spegel.containerd.mirror.MirrorTarget;
import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds out who answers at the addresses of mirrors. */
final class Probe {
    /** Mirrors are few; these are asked one after the other. */
    private static final int MAX_URLS = 16;

    private final RegistryClient registries;

    Probe(RegistryClient registries) {
        this.registries = requireNonNull(registries, "registries");
    }

    Map<String, Fact<MirrorHosts.Answer>> askAll(Collection<String> urls) throws InterruptedException {
        Map<String, Fact<MirrorHosts.Answer>> answers = new LinkedHashMap<>();
        for (String url : urls) {
            answers.put(
                    url,
                    answers.size() < MAX_URLS
                            ? ask(url)
                            : Fact.unknown("it wasn't asked, as there are more than " + MAX_URLS));
        }
        return answers;
    }

    private Fact<MirrorHosts.Answer> ask(String url) throws InterruptedException {
        URI uri;
        try {
            // Also gives an IPv6 address the brackets that containerd 1 can't read.
            uri = URI.create(MirrorTarget.parse(url).canonicalUrl() + "/v2/");
        } catch (IllegalArgumentException e) {
            return Fact.unknown("it is no address of an agent"); // but perhaps of another mirror, with a path
        }
        try {
            RegistryClient.Answer answer = registries.ask("GET", uri, false);
            return Fact.of(new MirrorHosts.Answer(answer.status(), answer.header("Spegel-Instance")));
        } catch (IOException e) {
            return Fact.unknown(String.valueOf(e.getMessage()));
        }
    }
}

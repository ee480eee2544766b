package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.JAVA;
import static dev.spegel.interop.Program.JS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes with a pre-shared key, and those without it or with another. */
class PrivateNetworkIT {
    @TempDir
    private Path directory;

    /** A key file for both; js-libp2p reads the one encoding only. */
    private String keyFile(int number, Program reader) throws IOException {
        byte[] key = new byte[32];
        key[0] = (byte) number;
        String text = reader == JS
                ? "/base16/\n" + HexFormat.of().formatHex(key)
                : "/base64/\n" + Base64.getEncoder().encodeToString(key);
        return Files.writeString(directory.resolve("key-" + number), "/key/swarm/psk/1.0.0/\n" + text + "\n")
                .toString();
    }

    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, noise"})
    void javaDialsAndFinds(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA, "--psk-file", keyFile(1, other));
            Peer there = network.start(other, "--security", security, "--psk-file", keyFile(1, other));
            assertThat(java.connect(there.address())).isEqualTo(there.id());
            assertFindEachOther(java, there);
        }
    }

    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, tls"})
    void javaIsDialledAndFound(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA, "--psk-file", keyFile(2, other));
            Peer there = network.start(other, "--security", security, "--psk-file", keyFile(2, other));
            assertThat(there.connect(java.address())).isEqualTo(java.id());
            assertFindEachOther(java, there);
        }
    }

    private static void assertFindEachOther(Peer java, Peer there) throws Exception {
        Wait.until(() -> there.table().contains(java.id()));
        Wait.until(() -> java.table().contains(there.id()));
        java.provide(List.of("of Java"));
        there.provide(List.of("of the other"));
        Wait.until(() -> java.find("of the other", 1).containsKey(there.id()));
        Wait.until(() -> there.find("of Java", 1).containsKey(java.id()));
        assertThat(java.strangers()).isZero();
    }

    /** As with what DNS tells: from either side. */
    @Test
    void theyLearnWhoTheOtherIs() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA, "--psk-file", keyFile(1, GO));
            Peer first = network.start(GO, "--psk-file", keyFile(1, GO));
            Peer second = network.start(GO, "--psk-file", keyFile(1, GO));
            assertThat(first.connect(java.bareAddress())).isEqualTo(java.id());
            assertThat(java.connect(second.bareAddress())).isEqualTo(second.id());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GO", "JS"})
    void anotherKeyOrNoneIsRefusedFromEitherSide(Program other) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA, "--psk-file", keyFile(1, other));
            Peer member = network.start(GO, "--psk-file", keyFile(1, other));
            java.connect(member.address());
            refuseEachOther(
                    java, other, network.start(other, "--psk-file", keyFile(2, other)), "another pre-shared key");
            refuseEachOther(java, other, network.start(other), "it has no pre-shared key");
            assertThat(java.ping(member)).as("undisturbed").isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GO", "JS"})
    void aNodeWithoutAKeyRefusesThoseWithOne(Program other) throws Exception {
        try (Network network = Network.create()) {
            refuseEachOther(
                    network.start(JAVA),
                    other,
                    network.start(other, "--psk-file", keyFile(1, other)),
                    "it has a pre-shared key");
        }
    }

    /** What js-libp2p doesn't understand it doesn't answer, so that ours can't always tell why a dial of it fails. */
    private static void refuseEachOther(Peer java, Program program, Peer stranger, String why) throws Exception {
        if (program == JS) {
            assertThatIOException().isThrownBy(() -> java.connect(stranger.address()));
        } else {
            int before = java.strangers();
            assertThatIOException()
                    .isThrownBy(() -> java.connect(stranger.address()))
                    .withMessageContaining(why);
            Wait.until(() -> java.strangers() == before + 1); // a failure is told first, and counted then
        }
        int before = java.strangers();
        assertThatIOException().isThrownBy(() -> stranger.connect(java.address()));
        Wait.until(() -> java.strangers() > before);
        assertThat(stranger.links(java)).isEmpty();
    }
}

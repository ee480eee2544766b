package dev.spegel.interop;

import static dev.spegel.interop.Program.GO;
import static dev.spegel.interop.Program.JAVA;
import static dev.spegel.interop.Program.JAVA_WITHOUT_NATIVE_TLS;
import static dev.spegel.interop.Program.JS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.spegel.interop.Network.Machine;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections between our node and others, dialled from either side, secured in either way. */
class DialIT {
    /** The other node speaks one way only, ours both, and prefers Noise: it has to take TLS where that's all there is. */
    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, noise", "JS, tls"})
    void javaDials(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            Peer there = network.start(other, "--security", security);
            assertThat(java.connect(there.address())).isEqualTo(there.id());
            assertKnowEachOther(java, there);
            assertThat(there.links(java)).singleElement().satisfies(link -> {
                assertThat(link.outbound()).isFalse();
                assertThat(link.security()).isEqualTo(protocol(security));
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, noise", "JS, tls"})
    void javaIsDialled(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            Peer there = network.start(other, "--security", security);
            assertThat(there.connect(java.address())).isEqualTo(java.id());
            assertKnowEachOther(java, there);
            assertThat(there.links(java)).singleElement().satisfies(link -> {
                assertThat(link.outbound()).isTrue();
                assertThat(link.security()).isEqualTo(protocol(security));
            });
        }
    }

    /** Ours speaks one way only and has to say no to the other, which Go and JS prefer or not. */
    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, noise", "JS, tls"})
    void javaRefusesTheOtherWay(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA, "--security", security);
            Peer there = network.start(other, "--security", security.equals("noise") ? "tls,noise" : "noise,tls");
            there.connect(java.address());
            assertKnowEachOther(java, there);
            assertThat(there.links(java))
                    .singleElement()
                    .satisfies(link -> assertThat(link.security()).isEqualTo(protocol(security)));
        }
    }

    /** With the JDK's engine, which is the one without a native library: TLS with Go from either side. */
    @Test
    void theJdkSpeaksTlsWithGo() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA_WITHOUT_NATIVE_TLS);
            Peer dialled = network.start(GO, "--security", "tls");
            Peer dials = network.start(GO, "--security", "tls");
            assertThat(java.connect(dialled.address())).isEqualTo(dialled.id());
            assertThat(dials.connect(java.address())).isEqualTo(java.id());
            assertKnowEachOther(java, dialled);
            assertKnowEachOther(java, dials);
        }
    }

    /**
     * The certificate of js-libp2p names no issuer, against RFC 5280, section 4.1.2.4, and the JDK's engine doesn't read such a
     * one. If this fails, it has begun to.
     */
    @Test
    void theJdkReadsNoCertificateOfJs() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA_WITHOUT_NATIVE_TLS);
            Peer js = network.start(JS, "--security", "tls");
            assertThatIOException().isThrownBy(() -> java.connect(js.address())).withMessageContaining("certificate");
            assertThat(js.links(java)).isEmpty();
            Peer other = network.start(JS, "--security", "noise,tls");
            java.connect(other.address());
            assertKnowEachOther(java, other);
        }
    }

    /** They listen on their IPv6 addresses only, as with a choice the quicker connection is taken. */
    @ParameterizedTest
    @CsvSource({"JAVA, GO", "GO, JAVA"})
    void nodesMeetOverIpv6(Program from, Program to) throws Exception {
        assumeTrue(Network.hasIpv6(), "this machine has no IPv6");
        try (Network network = Network.create()) {
            Peer dialler = startOver6(network, from);
            Peer listener = startOver6(network, to);
            assertThat(listener.addresses()).singleElement(STRING).startsWith("/ip6/fd77::");
            dialler.connect(listener.address());
            assertKnowEachOther(from == JAVA ? dialler : listener, from == JAVA ? listener : dialler);
            assertThat(dialler.links(listener))
                    .singleElement()
                    .satisfies(link -> assertThat(link.remote()).startsWith("/ip6/fd77::"));
        }
    }

    private static Peer startOver6(Network network, Program program) throws Exception {
        Machine machine = network.add();
        return network.start(program, machine, "--listen", "[" + machine.ip6() + "]:5001");
    }

    /** Go dials nobody first, hangs up on the mismatch, and dials again; neither keeps the second try from working. */
    @Test
    void goLearnsWhoJavaIs() throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            for (String security : List.of("noise", "tls")) {
                Peer go = network.start(GO, "--security", security);
                assertThat(go.connect(java.bareAddress())).isEqualTo(java.id());
                assertKnowEachOther(java, go);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GO, noise", "GO, tls", "JS, noise", "JS, tls"})
    void javaLearnsWhoTheOtherIs(Program other, String security) throws Exception {
        try (Network network = Network.create()) {
            Peer java = network.start(JAVA);
            Peer there = network.start(other, "--security", security);
            assertThat(java.connect(there.bareAddress())).isEqualTo(there.id());
            assertThat(there.links(java)).hasSize(1);
        }
    }

    private static void assertKnowEachOther(Peer java, Peer there) throws Exception {
        Wait.until(() -> there.table().contains(java.id()));
        Wait.until(() -> java.table().contains(there.id()));
        assertThat(java.ping(there)).isPositive();
        there.ping(java);
        assertThat(there.knownAddresses(java)).contains(java.bareAddress());
    }

    private static String protocol(String security) {
        return security.equals("tls") ? "/tls/1.0.0" : "/noise";
    }
}

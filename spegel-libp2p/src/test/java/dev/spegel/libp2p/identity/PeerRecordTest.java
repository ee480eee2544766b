package dev.spegel.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multiaddr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerRecordTest {
    private static final KeyPair SIGNER = KeyPair.fromBytes(hex(Vectors.RECORD_PRIVATE));
    private static final byte[] TYPE = {3, 1};

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @Test
    void recordThatGoSignedIsRead() {
        PeerRecord record = PeerRecord.open(hex(Vectors.RECORD_ENVELOPE));
        assertThat(record.peerId()).hasToString("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh");
        assertThat(record.seq()).isEqualTo(1598453001624231000L);
        List<String> addresses = new ArrayList<>();
        for (int port = 0; port < 10; port++) {
            addresses.add("/ip4/1.2.3.4/tcp/" + port);
        }
        assertThat(record.addresses()).extracting(Multiaddr::toString).isEqualTo(addresses);
    }

    @Test
    void sameRecordGetsTheSameEnvelope() {
        PeerRecord record = PeerRecord.open(hex(Vectors.RECORD_ENVELOPE));
        assertThat(record.seal(SIGNER).toBytes()).isEqualTo(hex(Vectors.RECORD_ENVELOPE));
        PeerRecord second = new PeerRecord(
                SIGNER.peerId(), 1767225600000000000L, List.of(Multiaddr.parse("/ip4/10.0.0.7/tcp/5001")));
        assertThat(second.seal(SIGNER).toBytes()).isEqualTo(hex(Vectors.SECOND_RECORD_ENVELOPE));
        assertThat(PeerRecord.open(hex(Vectors.SECOND_RECORD_ENVELOPE))).isEqualTo(second);
    }

    @Test
    void anyChangedByteIsNoticed() {
        byte[] envelope = hex(Vectors.SECOND_RECORD_ENVELOPE);
        PeerRecord original = PeerRecord.open(envelope);
        for (int i = 0; i < envelope.length; i++) {
            byte[] changed = envelope.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> PeerRecord.open(changed), "byte %d", i).isInstanceOf(MalformedException.class);
        }
        assertThat(original).isEqualTo(PeerRecord.open(envelope));
    }

    @Test
    void anyTruncationIsNoticed() {
        byte[] envelope = hex(Vectors.SECOND_RECORD_ENVELOPE);
        for (int length = 0; length < envelope.length; length++) {
            byte[] truncated = Arrays.copyOf(envelope, length);
            assertThatThrownBy(() -> PeerRecord.open(truncated), "%d bytes", length)
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void signatureForAnotherPurposeIsRefused() {
        byte[] envelope = SignedEnvelope.seal(SIGNER, "libp2p-other-record", TYPE, new byte[] {1})
                .toBytes();
        assertThat(SignedEnvelope.open(envelope, "libp2p-other-record").payload())
                .containsExactly(1);
        assertThatThrownBy(() -> PeerRecord.openEnvelope(envelope))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("signature");
    }

    @Test
    void otherPayloadTypeIsRefused() {
        byte[] payload = SignedEnvelope.open(hex(Vectors.SECOND_RECORD_ENVELOPE), PeerRecord.DOMAIN)
                .payload();
        SignedEnvelope envelope = SignedEnvelope.seal(SIGNER, PeerRecord.DOMAIN, new byte[] {3, 2}, payload);
        assertThatThrownBy(() -> PeerRecord.from(envelope))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("0302");
    }

    @Test
    void recordOfAnotherIsRefused() {
        byte[] payload = SignedEnvelope.open(hex(Vectors.SECOND_RECORD_ENVELOPE), PeerRecord.DOMAIN)
                .payload();
        SignedEnvelope envelope = SignedEnvelope.seal(KeyPair.generate(), PeerRecord.DOMAIN, TYPE, payload);
        assertThatThrownBy(() -> PeerRecord.from(envelope))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("signs its own record");
        PeerRecord others = PeerRecord.open(hex(Vectors.SECOND_RECORD_ENVELOPE));
        assertThatThrownBy(() -> others.seal(KeyPair.generate())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void unreadableAddressesAreLeftOut() {
        String peer = "0a26" + HexFormat.of().formatHex(SIGNER.peerId().toBytes());
        byte[] payload = hex(peer + "1007" + "1a040a02ff7f" + "1a00" + "1a0a0a08040a000007061389");
        PeerRecord record = PeerRecord.from(SignedEnvelope.seal(SIGNER, PeerRecord.DOMAIN, TYPE, payload));
        assertThat(record.seq()).isEqualTo(7);
        assertThat(record.addresses()).extracting(Multiaddr::toString).containsExactly("/ip4/10.0.0.7/tcp/5001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0a00", "0a0312", "1007", "0a03010203", "ffffffff"})
    void malformedPayloadIsRefused(String payload) {
        SignedEnvelope envelope = SignedEnvelope.seal(SIGNER, PeerRecord.DOMAIN, TYPE, hex(payload));
        assertThatThrownBy(() -> PeerRecord.from(envelope)).isInstanceOf(MalformedException.class);
    }

    @Test
    void unsupportedSignersAreToldFromMalformedOnes() {
        String key = Vectors.SPEC_SECP256K1_PUBLIC;
        assertThatThrownBy(() -> PeerRecord.open(hex("0a25" + key + "12020301")))
                .isInstanceOf(UnsupportedKeyException.class);
    }

    @Test
    void lengthIsBounded() {
        assertThatThrownBy(() -> PeerRecord.open(new byte[SignedEnvelope.MAX_LENGTH + 1]))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 8192 bytes");
    }

    @Test
    void newerIsWhatHasTheGreaterUnsignedNumber() {
        PeerRecord old = new PeerRecord(SIGNER.peerId(), 7, List.of());
        assertThat(new PeerRecord(SIGNER.peerId(), 8, List.of()).isNewerThan(old))
                .isTrue();
        assertThat(old.isNewerThan(old)).isFalse();
        assertThat(new PeerRecord(SIGNER.peerId(), -1, List.of()).isNewerThan(old))
                .isTrue();
    }
}

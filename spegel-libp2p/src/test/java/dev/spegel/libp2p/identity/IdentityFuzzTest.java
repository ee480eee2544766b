package dev.spegel.libp2p.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.spegel.libp2p.multiformats.MalformedException;
import java.util.Arrays;

/** Whatever a stranger sends is refused by name or read as the one thing that is written the same. */
class IdentityFuzzTest {
    @FuzzTest
    void peerIdIsWrittenAsItIsRead(byte[] input) {
        try {
            PeerId id = PeerId.fromBytes(input);
            assertThat(id.toBytes()).isEqualTo(input);
            assertThat(PeerId.parse(id.toString())).isEqualTo(id);
            assertThat(PeerId.parse(id.toCid().toString())).isEqualTo(id);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void peerIdTextSettlesOnOneSpelling(byte[] input) {
        try {
            PeerId id = PeerId.parse(new String(input, UTF_8));
            assertThat(PeerId.parse(id.toString())).isEqualTo(id);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void publicKeySettlesOnOneSpellingAndSignsNothingByItself(byte[] input) {
        try {
            PublicKey key = PublicKey.fromBytes(input);
            assertThat(PublicKey.fromBytes(key.toBytes())).isEqualTo(key);
            assertThat(key.verify(input, Arrays.copyOf(input, 64))).isFalse();
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void privateKeySettlesOnOneSpelling(byte[] input) {
        try {
            KeyPair pair = KeyPair.fromBytes(input);
            assertThat(KeyPair.ofSeed(pair.seed()).publicKey()).isEqualTo(pair.publicKey());
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void peerRecordIsReadAsWhatItsSignerSealed(byte[] input) {
        try {
            SignedEnvelope envelope = PeerRecord.openEnvelope(input);
            assertThat(PeerRecord.openEnvelope(envelope.toBytes()).payload()).isEqualTo(envelope.payload());
            assertThat(PeerRecord.from(envelope).peerId())
                    .isEqualTo(envelope.signer().peerId());
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    /** No fuzzer gets past a signature, so here the payload is signed. */
    @FuzzTest
    void signedPayloadIsReadOrRefused(byte[] input) {
        KeyPair signer = KeyPair.ofSeed(new byte[KeyPair.SEED_LENGTH]);
        SignedEnvelope envelope = SignedEnvelope.seal(signer, PeerRecord.DOMAIN, new byte[] {3, 1}, input);
        try {
            PeerRecord record = PeerRecord.from(envelope);
            assertThat(PeerRecord.from(record.seal(signer))).isEqualTo(record);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }
}

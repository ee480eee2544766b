package dev.spegel.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPairTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @ParameterizedTest
    @CsvSource({
        Vectors.JS_ED25519_PRIVATE + "," + Vectors.JS_ED25519_PUBLIC + "," + Vectors.JS_ED25519_SIGNATURE,
        Vectors.JS_OLD_ED25519_PRIVATE + "," + Vectors.JS_OLD_ED25519_PUBLIC + "," + Vectors.JS_OLD_ED25519_SIGNATURE
    })
    void othersKeysSignTheSame(String privateKey, String publicKey, String signature) {
        KeyPair pair = KeyPair.fromBytes(hex(privateKey));
        assertThat(pair.publicKey().toBytes()).isEqualTo(hex(publicKey));
        assertThat(pair.sign(Vectors.JS_MESSAGE.getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(hex(signature));
    }

    @Test
    void specsKeyHasItsPublicHalf() {
        KeyPair pair = KeyPair.fromBytes(hex(Vectors.SPEC_ED25519_PRIVATE));
        assertThat(pair.publicKey().toBytes()).isEqualTo(hex(Vectors.SPEC_ED25519_PUBLIC));
        assertThat(pair.peerId()).hasToString("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    }

    @Property(tries = 100)
    void whatItSignsVerifies(
            @ForAll @Size(32) byte[] seed, @ForAll byte[] message, @ForAll @Size(64) byte[] otherSignature) {
        KeyPair pair = KeyPair.ofSeed(seed);
        assertThat(pair.publicKey().verify(message, pair.sign(message))).isTrue();
        assertThat(pair.publicKey().verify(message, otherSignature)).isFalse();
        assertThat(pair.peerId().inlineKey()).contains(pair.publicKey());
    }

    @Test
    void platformAgreesOnThePublicKey() throws Exception {
        KeyPair pair = KeyPair.generate();
        byte[] raw = Arrays.copyOfRange(pair.publicKey().toBytes(), 4, 36);
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(
                        hex("302a300506032b6570032100" + HexFormat.of().formatHex(raw)))));
        verifier.update(new byte[] {1, 2, 3});
        assertThat(verifier.verify(pair.sign(new byte[] {1, 2, 3}))).isTrue();
    }

    @Test
    void eachGeneratedOneIsNew() {
        assertThat(KeyPair.generate().peerId()).isNotEqualTo(KeyPair.generate().peerId());
    }

    @Test
    void nothingSecretIsShown() {
        KeyPair pair = KeyPair.fromBytes(hex(Vectors.SPEC_ED25519_PRIVATE));
        assertThat(pair).hasToString("key pair of 12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    }

    @ParameterizedTest
    @ValueSource(strings = {Vectors.SPEC_SECP256K1_PRIVATE, Vectors.SPEC_ECDSA_PRIVATE})
    void otherKindsAreRefused(String key) {
        assertThatThrownBy(() -> KeyPair.fromBytes(hex(key))).isInstanceOf(UnsupportedKeyException.class);
    }

    @Test
    void halvesOfDifferentKeysAreRefused() {
        byte[] key = hex(Vectors.SPEC_ED25519_PRIVATE);
        key[key.length - 1] ^= 1;
        assertThatThrownBy(() -> KeyPair.fromBytes(key))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("another");
        byte[] old = hex(Vectors.JS_OLD_ED25519_PRIVATE);
        old[old.length - 1] ^= 1;
        assertThatThrownBy(() -> KeyPair.fromBytes(old))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("another");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0801", "08011200", "0801122000", "ff"})
    void malformedIsRefused(String key) {
        assertThatThrownBy(() -> KeyPair.fromBytes(hex(key))).isInstanceOf(MalformedException.class);
    }

    @Test
    void seedHas32Bytes() {
        assertThatThrownBy(() -> KeyPair.ofSeed(new byte[31])).isInstanceOf(MalformedException.class);
    }
}

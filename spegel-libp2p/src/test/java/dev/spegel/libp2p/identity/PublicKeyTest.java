package dev.spegel.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static Stream<Arguments> signatures() {
        return Stream.of(
                Arguments.of(KeyType.RSA, Vectors.GO_RSA_PUBLIC, Vectors.GO_MESSAGE, Vectors.GO_RSA_SIGNATURE),
                Arguments.of(KeyType.ECDSA, Vectors.GO_ECDSA_PUBLIC, Vectors.GO_MESSAGE, Vectors.GO_ECDSA_SIGNATURE),
                Arguments.of(
                        KeyType.ED25519, Vectors.JS_ED25519_PUBLIC, Vectors.JS_MESSAGE, Vectors.JS_ED25519_SIGNATURE),
                Arguments.of(
                        KeyType.ED25519,
                        Vectors.JS_OLD_ED25519_PUBLIC,
                        Vectors.JS_MESSAGE,
                        Vectors.JS_OLD_ED25519_SIGNATURE));
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void othersSignaturesVerify(KeyType type, String key, String message, String signature) {
        PublicKey publicKey = PublicKey.fromBytes(hex(key));
        assertThat(publicKey.type()).isEqualTo(type);
        assertThat(publicKey.verify(ascii(message), hex(signature))).isTrue();
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void anythingElseDoesNotVerify(KeyType type, String key, String message, String signature) {
        PublicKey publicKey = PublicKey.fromBytes(hex(key));
        assertThat(publicKey.verify(ascii(message + "!"), hex(signature))).isFalse();
        byte[] changed = hex(signature);
        changed[changed.length - 1] ^= 1;
        assertThat(publicKey.verify(ascii(message), changed)).isFalse();
        assertThat(publicKey.verify(ascii(message), Arrays.copyOf(changed, changed.length - 1)))
                .isFalse();
        assertThat(publicKey.verify(ascii(message), Arrays.copyOf(hex(signature), changed.length + 1)))
                .isFalse();
        assertThat(publicKey.verify(ascii(message), new byte[0])).isFalse();
        assertThat(publicKey.verify(ascii(message), new byte[changed.length])).isFalse();
    }

    static Stream<String> supportedKeys() {
        return Stream.of(
                Vectors.SPEC_ED25519_PUBLIC,
                Vectors.SPEC_ECDSA_PUBLIC,
                Vectors.SPEC_RSA_PUBLIC,
                Vectors.GO_RSA_PUBLIC,
                Vectors.GO_ECDSA_PUBLIC,
                Vectors.GO_PEER_TEST_RSA_PUBLIC,
                Vectors.JVM_RSA_PUBLIC);
    }

    @ParameterizedTest
    @MethodSource("supportedKeys")
    void serializedFormComesOutAsItWentIn(String key) {
        PublicKey publicKey = PublicKey.fromBytes(hex(key));
        assertThat(publicKey.toBytes()).isEqualTo(hex(key));
        assertThat(publicKey)
                .isEqualTo(PublicKey.fromBytes(publicKey.toBytes()))
                .hasSameHashCodeAs(PublicKey.fromBytes(publicKey.toBytes()));
    }

    @Test
    void peerIdDoesNotDependOnTheSpelling() {
        String data = Vectors.SPEC_ED25519_PUBLIC.substring(4);
        PublicKey usual = PublicKey.fromBytes(hex(Vectors.SPEC_ED25519_PUBLIC));
        assertThat(PublicKey.fromBytes(hex(data + "0801"))).as("other order").isEqualTo(usual);
        assertThat(PublicKey.fromBytes(hex("088100" + data))).as("long varint").isEqualTo(usual);
        assertThat(PublicKey.fromBytes(hex("0801" + data + "1a0100")))
                .as("unknown field")
                .isEqualTo(usual);
        assertThat(PublicKey.fromBytes(hex(data + "0801")).peerId()).isEqualTo(usual.peerId());
    }

    @ParameterizedTest
    @ValueSource(strings = {Vectors.SPEC_SECP256K1_PUBLIC, Vectors.GO_SECP256K1_PUBLIC, Vectors.JVM_SECP256K1_PUBLIC})
    void secp256k1IsRefusedWithTheReason(String key) {
        assertThatThrownBy(() -> PublicKey.fromBytes(hex(key)))
                .isInstanceOf(UnsupportedKeyException.class)
                .hasMessageContaining("secp256k1");
    }

    @Test
    void otherCurvesAreRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        byte[] key = message(3, generator.generateKeyPair().getPublic().getEncoded());
        assertThatThrownBy(() -> PublicKey.fromBytes(key))
                .isInstanceOf(UnsupportedKeyException.class)
                .hasMessageContaining("P-256");
    }

    @Test
    void pointsOffTheCurveAreRefused() {
        byte[] key = hex(Vectors.GO_ECDSA_PUBLIC);
        key[key.length - 1] ^= 1;
        assertThatThrownBy(() -> PublicKey.fromBytes(key)).isInstanceOf(MalformedException.class);
    }

    @Test
    void weakOrCostlyRsaKeysAreRefused() throws Exception {
        BigInteger modulus = BigInteger.ONE.shiftLeft(2047).setBit(0);
        assertThat(PublicKey.fromBytes(rsa(modulus, 65537)).type()).isEqualTo(KeyType.RSA);
        assertThatThrownBy(() -> PublicKey.fromBytes(rsa(modulus.shiftRight(1).setBit(0), 65537)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("2048 to 8192 bits, got 2047");
        assertThatThrownBy(() -> PublicKey.fromBytes(rsa(modulus.setBit(8192), 65537)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("got 8193");
        assertThatThrownBy(() -> PublicKey.fromBytes(rsa(modulus, (1L << 31) + 1)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("exponent");
        assertThatThrownBy(() -> PublicKey.fromBytes(rsa(modulus, 65536)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("exponent");
    }

    private static byte[] rsa(BigInteger modulus, long exponent) throws Exception {
        return message(
                0,
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(exponent)))
                        .getEncoded());
    }

    private static byte[] message(int type, byte[] data) {
        HexFormat hex = HexFormat.of();
        String length = data.length < 128
                ? "%02x".formatted(data.length)
                : "%02x%02x".formatted((data.length & 0x7f) | 0x80, data.length >> 7);
        return hex.parseHex("08%02x12%s%s".formatted(type, length, hex.formatHex(data)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "0801", // no data
                "1200", // no type
                "08011200", // an empty Ed25519 key
                "0801122000", // a length that nothing follows
                "080112" + "1f" + "00000000000000000000000000000000000000000000000000000000000000",
                "0804120100", // an unknown type
                "0800120100", // not a SubjectPublicKeyInfo
                "0803120100",
                "0a0101120100", // the type isn't a number
                "ffffffff"
            })
    void malformedIsRefused(String key) {
        assertThatThrownBy(() -> PublicKey.fromBytes(hex(key)))
                .isInstanceOf(MalformedException.class)
                .isNotInstanceOf(UnsupportedKeyException.class);
    }

    @Test
    void keysOfAnotherKindThanTheySayAreRefused() {
        byte[] ecdsaAsRsa = hex(Vectors.GO_ECDSA_PUBLIC);
        ecdsaAsRsa[1] = 0;
        byte[] rsaAsEcdsa = hex(Vectors.GO_RSA_PUBLIC);
        rsaAsEcdsa[1] = 3;
        assertThatThrownBy(() -> PublicKey.fromBytes(ecdsaAsRsa)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> PublicKey.fromBytes(rsaAsEcdsa)).isInstanceOf(MalformedException.class);
    }

    @Test
    void lengthIsBounded() {
        assertThatThrownBy(() -> PublicKey.fromBytes(new byte[PublicKey.MAX_LENGTH + 1]))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 2048 bytes");
    }

    @Test
    void ed25519BytesThatAreNoPointSignNothing() {
        byte[] notAPoint = new byte[32];
        Arrays.fill(notAPoint, (byte) 0xff);
        PublicKey key = PublicKey.ofEd25519(notAPoint);
        assertThat(key.verify(new byte[0], new byte[64])).isFalse();
        assertThat(key.toBytes()).endsWith(notAPoint);
    }
}

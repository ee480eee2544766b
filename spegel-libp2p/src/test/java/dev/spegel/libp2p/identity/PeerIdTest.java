package dev.spegel.libp2p.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.spegel.libp2p.multiformats.MalformedException;
import dev.spegel.libp2p.multiformats.Multibase;
import dev.spegel.libp2p.multiformats.Multihash;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerIdTest {
    private static final String ED25519 = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    static Stream<Arguments> keys() {
        return Stream.of(
                Arguments.of(Vectors.SPEC_ED25519_PUBLIC, ED25519),
                Arguments.of(Vectors.SPEC_SECP256K1_PUBLIC, "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY"),
                Arguments.of(Vectors.SPEC_ECDSA_PUBLIC, "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk"),
                Arguments.of(Vectors.SPEC_RSA_PUBLIC, "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG"),
                Arguments.of(Vectors.GO_RSA_PUBLIC, "QmcW3oMdSqoEcjbyd51auqC23vhKX6BqfcZcY2HJ3sKAZR"),
                Arguments.of(Vectors.GO_SECP256K1_PUBLIC, "16Uiu2HAky1YnjeGryCtGu69pvjeHXSwTHUgDNFF4zxtD5WrCPury"),
                Arguments.of(Vectors.GO_ECDSA_PUBLIC, "QmYod9tQDX9rLCrs7au5um1aDrBXTnaHGbh1W6bxNGeEut"),
                Arguments.of(Vectors.GO_PEER_TEST_RSA_PUBLIC, "QmcJeseojbPW9hSejUM1sQ1a2QmbrryPK4Z8pWbRUPaYEn"),
                Arguments.of(Vectors.JS_ED25519_PUBLIC, "12D3KooWLqLxEfJ9nDdEe8Kh8PFvNPQRYDQBwyL7CMM7HhVd5LsX"),
                Arguments.of(Vectors.JS_OLD_ED25519_PUBLIC, "12D3KooWRWfGD8v8pLXtuRZaERfubgBZZEpkgPZKP4FojE2dtWgc"),
                Arguments.of(Vectors.JVM_SECP256K1_PUBLIC, "16Uiu2HAmDJQXZM39z5TzoZN7Sw8tbwjR6Evg9CFmiWhLbnSFGADL"));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void followsFromTheSerializedKey(String key, String id) {
        assertThat(PeerId.ofSerializedKey(HexFormat.of().parseHex(key))).hasToString(id);
        assertThat(PeerId.parse(id))
                .isEqualTo(PeerId.ofSerializedKey(HexFormat.of().parseHex(key)));
    }

    @Test
    void longKeyIsHashed() {
        assertThat(PeerId.ofSerializedKey(HexFormat.of().parseHex(Vectors.JVM_RSA_PUBLIC))
                        .toBytes())
                .isEqualTo(HexFormat.of()
                        .parseHex("12201133e39444593a3f91c45aba4f44099fc7246866af9917f8648160180b3ec6ac"));
    }

    @ParameterizedTest
    @CsvSource({
        "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA,"
                + " 0024080112202ffa35a99d3a3cfbb17bb7c1dc5561b18a8dcca4df38dc613ea859c37eb1336b",
        "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N,"
                + " 12209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0b9",
        "QmULzn6KtFUCKpkFymEUgUvkLtv9j2Eo4utZPELmQEebR6,"
                + " 1220593cd036d6ac062ca1c332c15aca7a7b8ed7c9a004b34046e58f2aa6439102b5"
    })
    void textAndBytesBelongTogether(String text, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(PeerId.parse(text).toBytes()).isEqualTo(bytes);
        assertThat(PeerId.fromBytes(bytes)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6, " + ED25519,
        "bafzaajiiaijcca3xo7uzjzcsyilaj6i54cj44qk7kqzpoao5rti2pjx6udtdbp6kte,"
                + " 16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY",
        "bafzbeidigywdclqvl5hxfefwp5onbffcfife7pza57mmfb4tiqmtkdjw64, QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk",
        "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe, QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
    })
    void cidIsTheSameId(String cid, String base58) {
        assertThat(PeerId.parse(cid)).hasToString(base58);
        assertThat(PeerId.parse(base58).toCid()).hasToString(cid);
        for (Multibase base : Multibase.values()) {
            assertThat(PeerId.parse(PeerId.parse(base58).toCid().toString(base)))
                    .as(base.toString())
                    .isEqualTo(PeerId.parse(base58));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "Qm",
                "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p",
                "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq1",
                "0OIl",
                "bafkreifoybygix7fh3r3g5rqle3wcnhqldgdg4shzf4k3ulyw3gn7mabt4", // another codec
                "tcp"
            })
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void otherHashesAreRefused() {
        assertThatThrownBy(() -> new PeerId(Multihash.of(0x13, new byte[64])))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("hash function 0x13 with 64 bytes");
        assertThatThrownBy(() -> new PeerId(Multihash.identity(new byte[43]))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new PeerId(Multihash.identity(new byte[0]))).isInstanceOf(MalformedException.class);
        assertThat(new PeerId(Multihash.identity(new byte[42])).toBytes()).hasSize(44);
    }

    @Test
    void holdsAShortKey() {
        PublicKey key = PublicKey.fromBytes(HexFormat.of().parseHex(Vectors.SPEC_ED25519_PUBLIC));
        assertThat(PeerId.parse(ED25519).inlineKey()).contains(key);
        assertThat(PeerId.parse("QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk")
                        .inlineKey())
                .isEmpty();
        PeerId secp256k1 = PeerId.parse("16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY");
        assertThatThrownBy(secp256k1::inlineKey).isInstanceOf(UnsupportedKeyException.class);
    }
}

package dev.spegel.libp2p.kad;

import static dev.spegel.libp2p.kad.KadMessageTest.FOOBAR;
import static dev.spegel.libp2p.kad.KadMessageTest.I;
import static dev.spegel.libp2p.kad.KadMessageTest.R;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionTest {
    private static Position padded(String hex) {
        return Position.ofHash(Arrays.copyOf(HexFormat.of().parseHex(hex), 32));
    }

    @Test
    void isTheHashOfTheBytesThatTravel() {
        assertThat(Contact.of(I).position())
                .hasToString("dfd53212a4bd2beda3ea8e82d08285370c70a70cfe9c588e28754b23c8033121");
        assertThat(Contact.of(R).position())
                .hasToString("6bb2c5baf3464bdae4764a4616126545015ade25f0e3d0811217895322efc04f");
        assertThat(FOOBAR.position()).hasToString("bd8506b070010a16a922a8f14536e7390f5f265c7515c00783bb98b58c2e444f");
    }

    @Test
    void distanceIsXor() {
        Position i = Contact.of(I).position();
        Position r = Contact.of(R).position();

        assertThat(i.xor(r)).hasToString("b467f7a857fb6037479cc4c4c690e0720d2a79290e7f880f3a62c270eaecf16e");
        assertThat(i.commonPrefixLength(r)).isZero();
        assertThat(i.commonPrefixLength(FOOBAR.position())).isEqualTo(1);
        assertThat(r.commonPrefixLength(FOOBAR.position())).isZero();
        assertThat(i.commonPrefixLength(i)).isEqualTo(256);
    }

    /** go-libp2p-kbucket, keyspace/xor_test.go. */
    @ParameterizedTest
    @CsvSource({"00000080000000,24", "0058ff800000f0,9", "00000000000000,256"})
    void leadingZeros(String hex, int zeros) {
        assertThat(padded(hex).commonPrefixLength(Position.ZERO)).isEqualTo(zeros);
    }

    @Property(tries = 300)
    void agreesWithBigIntegers(
            @ForAll @Size(32) byte[] a,
            @ForAll @Size(32) byte[] b,
            @ForAll @Size(32) byte[] t,
            @ForAll @IntRange(max = 32) int shared) {
        System.arraycopy(t, 0, a, 0, shared);
        System.arraycopy(t, 0, b, 0, shared / 2);
        Position target = Position.ofHash(t);
        BigInteger toA = new BigInteger(1, t).xor(new BigInteger(1, a));
        BigInteger toB = new BigInteger(1, t).xor(new BigInteger(1, b));

        assertThat(Integer.signum(target.compareDistance(Position.ofHash(a), Position.ofHash(b))))
                .isEqualTo(toA.compareTo(toB));
        assertThat(target.commonPrefixLength(Position.ofHash(a))).isEqualTo(256 - toA.bitLength());
        assertThat(target.xor(Position.ofHash(a))).isEqualTo(Position.ofHash(a).xor(target));
        assertThat(new BigInteger(1, target.xor(Position.ofHash(a)).toBytes())).isEqualTo(toA);
    }

    @Property(tries = 300)
    void bitsAndHeads(@ForAll @Size(32) byte[] bytes, @ForAll @IntRange(max = 255) int index) {
        Position position = Position.ofHash(bytes);
        BigInteger number = new BigInteger(1, bytes);

        assertThat(position.bit(index)).isEqualTo(number.testBit(255 - index));
        assertThat(new BigInteger(1, position.flip(index).toBytes())).isEqualTo(number.flipBit(255 - index));
        assertThat(new BigInteger(1, position.head(index).toBytes()))
                .isEqualTo(number.shiftRight(256 - index).shiftLeft(256 - index));
        assertThat(new Prefix(position, index).covers(position)).isTrue();
        assertThat(new Prefix(position, index + 1).covers(position.flip(index))).isFalse();
    }

    /** go-libp2p-kbucket, bucket_prefixmap.go. */
    @ParameterizedTest
    @CsvSource({
        "0000,77591",
        "0001,94053",
        "0002,60620",
        "0003,45849",
        "00ff,37121",
        "0100,256836",
        "8000,5470",
        "fffe,187860",
        "ffff,246200"
    })
    void preimagesAreTheFirstThatFit(String prefix, int number) {
        KadKey key = Preimages.within(new Prefix(padded(prefix), 16), 0);

        assertThat(key).hasToString("1220%08x".formatted(number) + "00".repeat(28));
        assertThat(key.position().toString()).startsWith(prefix);
    }

    @Test
    void preimagesOfALongPrefixLieInItsFirstSixteenBits() {
        Position wanted = FOOBAR.position();

        KadKey key = Preimages.within(new Prefix(wanted, 200), -5);

        assertThat(key.position().commonPrefixLength(wanted)).isGreaterThanOrEqualTo(16);
    }
}

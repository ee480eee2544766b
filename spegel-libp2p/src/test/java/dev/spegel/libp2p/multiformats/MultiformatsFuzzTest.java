package dev.spegel.libp2p.multiformats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Whatever a stranger sends is refused by name or read as the one thing that is written the same. */
class MultiformatsFuzzTest {
    @FuzzTest
    void varintIsWrittenAsItIsRead(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input);
        try {
            long value = Varint.read(in);
            assertThat(Varint.encode(value)).isEqualTo(Arrays.copyOf(input, in.position()));
        } catch (MalformedException e) {
            assertThat(in.position()).isZero();
        }
    }

    @FuzzTest
    void multihashIsWrittenAsItIsRead(byte[] input) {
        try {
            assertThat(Multihash.fromBytes(input).toBytes()).isEqualTo(input);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void cidIsWrittenAsItIsRead(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            Cid cid = Cid.parse(text);
            assertThat(Arrays.stream(Multibase.values()).map(cid::toString)).contains(text);
            assertThat(Cid.fromBytes(cid.toBytes())).isEqualTo(cid);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest
    void multiaddrBytesAreWrittenAsTheyAreRead(byte[] input) {
        try {
            Multiaddr address = Multiaddr.fromBytes(input);
            assertThat(address.toBytes()).isEqualTo(input);
            assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
            assertThat(AddressScope.of(address)).isNotNull();
            address.tcpSocket()
                    .ifPresent(socket -> assertThat(socket.isUnresolved()).isFalse());
        } catch (MalformedException e) {
            assertThat(Multiaddr.tryFromBytes(input)).isEmpty();
        }
    }

    @FuzzTest
    void multiaddrTextSettlesOnOneSpelling(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            Multiaddr address = Multiaddr.parse(text);
            assertThat(Multiaddr.parse(address.toString())).isEqualTo(address).hasToString(address.toString());
            assertThat(Multiaddr.fromBytes(address.toBytes())).isEqualTo(address);
        } catch (MalformedException e) {
            assertThat(e).hasMessageNotContaining("\n");
        }
    }
}

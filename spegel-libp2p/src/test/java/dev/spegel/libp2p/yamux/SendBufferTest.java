package dev.spegel.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SendBufferTest {
    @Property(tries = 300)
    void bytesLeaveInTheOrderInWhichTheyCame(@ForAll @IntRange(min = 1, max = 2000) int limit, @ForAll long seed) {
        Random random = new Random(seed);
        SendBuffer buffer = new SendBuffer(limit);
        byte put = 0;
        byte taken = 0;
        for (int step = 0; step < 100; step++) {
            int in = random.nextInt(buffer.room() + 1);
            ByteBuffer bytes = ByteBuffer.allocate(in);
            while (bytes.hasRemaining()) {
                bytes.put(put++);
            }
            buffer.put(bytes.flip(), in);
            assertThat(bytes.hasRemaining()).isFalse();

            ByteBuffer out = ByteBuffer.allocate(random.nextInt(buffer.size() + 1));
            buffer.takeTo(out, out.remaining());
            assertThat(out.hasRemaining()).isFalse();
            out.flip();
            while (out.hasRemaining()) {
                assertThat(out.get()).isEqualTo(taken++);
            }
            assertThat((byte) (put - taken)).isEqualTo((byte) buffer.size());
            assertThat(buffer.room()).isEqualTo(limit - buffer.size());
        }
        buffer.clear();
        assertThat(buffer.size()).isZero();
    }
}

package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StrangersTest {
    private final StrangerException why = new StrangerException("it is a test");

    private final AtomicLong nanos = new AtomicLong();
    private final Strangers strangers = new Strangers(nanos::get);

    private boolean met(String ip, int port) {
        return strangers.met(MemoryNetwork.socket("/ip4/%s/tcp/%d".formatted(ip, port)), why);
    }

    @Test
    void namesAnAddressOnceInAWhile() {
        assertThat(met("10.0.0.1", 1)).isTrue();
        assertThat(met("10.0.0.1", 2)).as("the same IP address").isFalse();
        assertThat(met("10.0.0.2", 1)).isTrue();
        nanos.addAndGet(Strangers.SILENCE.toNanos() - 1);
        assertThat(met("10.0.0.1", 1)).isFalse();
        nanos.incrementAndGet();
        assertThat(met("10.0.0.1", 1)).isTrue();
        assertThat(strangers.count()).isEqualTo(5);
    }

    @Test
    void namesOnlySoManyHoweverManyThereAre() {
        int named = 0;
        for (int i = 0; i < 2 * Strangers.MAX_NAMED; i++) {
            InetSocketAddress from = MemoryNetwork.socket("/ip4/10.1.%d.%d/tcp/1".formatted(i / 256, i % 256));
            named += strangers.met(from, why) ? 1 : 0;
        }
        assertThat(named).isEqualTo(Strangers.MAX_LINES);
        nanos.addAndGet(Strangers.LINE_INTERVAL.toNanos());
        assertThat(met("10.0.0.1", 1)).isTrue();
        assertThat(met("10.0.0.2", 1)).isFalse();
    }
}

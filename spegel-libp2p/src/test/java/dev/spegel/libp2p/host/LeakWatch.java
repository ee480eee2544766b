package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.spegel.libp2p.identity.KeyPair;
import dev.spegel.libp2p.tls.TlsEngine;
import dev.spegel.libp2p.tls.TlsIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Netty's leak detector, but that leaks fail a test. Surefire names it in io.netty.customResourceLeakDetector, and sets the level
 * to paranoid.
 */
public final class LeakWatch<T> extends ResourceLeakDetector<T> {
    private static final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private static final AtomicBoolean installed = new AtomicBoolean();

    /** As Netty calls it. */
    public LeakWatch(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
        installed.set(true);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        leaks.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        leaks.add(resourceType);
    }

    /** Fails if a buffer, or a native TLS engine, that nobody has released is found by now. */
    public static void check() {
        assertThat(installed.get()).as("the leak detector is this one").isTrue();
        assertThat(getLevel()).isEqualTo(Level.PARANOID);
        System.gc();
        // A detector looks for leaks whenever something of its kind is made.
        for (int i = 0; i < 100; i++) {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(1);
            buffer.release();
        }
        if (TlsEngine.NATIVE.isAvailable()) {
            TlsIdentity.create(KeyPair.ofSeed(new byte[32]), List.of(), InstantSource.system(), TlsEngine.NATIVE)
                    .accept()
                    .close();
        }
        assertThat(leaks).isEmpty();
    }
}

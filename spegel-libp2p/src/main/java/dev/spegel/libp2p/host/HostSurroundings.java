package dev.spegel.libp2p.host;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a host takes from the machine it runs on.
 *
 * @param nanoClock for what takes how long
 * @param unixNanos the time since 1970
 * @param machineAddresses those of the interfaces; may block
 * @param names look-ups of names
 * @param blocking threads that may block
 * @param workers threads for arithmetic that takes too long for an event loop
 */
record HostSurroundings(
        LongSupplier nanoClock,
        LongSupplier unixNanos,
        Supplier<List<InetAddress>> machineAddresses,
        NameLookup names,
        Executor blocking,
        Executor workers) {

    static HostSurroundings of(HostThreads threads) {
        return new HostSurroundings(
                System::nanoTime,
                HostSurroundings::unixNanosNow,
                OwnAddresses::ofMachine,
                NameLookup.on(threads.blocking()),
                threads.blocking(),
                threads.workers());
    }

    private static long unixNanosNow() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}

package dev.spegel.registry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a registry knows of a peer from the requests that it has sent there.
 *
 * @param inFlight requests that are running
 * @param bytesPerSecond what the peer gave lately, over all streams together; empty if that was too little to measure, or too long ago
 * @param avoided whether others are preferred for now, since it couldn't be reached, broke off or was outrun
 * @param busyFor for how much longer it asked not to be asked; empty if it may be
 */
public record PeerLoad(int inFlight, OptionalDouble bytesPerSecond, boolean avoided, Optional<Duration> busyFor) {
    public PeerLoad {
        requireNonNull(bytesPerSecond, "bytesPerSecond");
        requireNonNull(busyFor, "busyFor");
    }
}

package dev.spegel.registry;

import java.time.Duration;
import java.util.Optional;

/** The header {@code Retry-After} of a peer's answer: RFC 9110, section 10.2.3. */
final class RetryAfter {
    /** What a peer that doesn't say gets: what our own nodes say. Also the least: or one that says 0 would be asked without end. */
    static final Duration UNSAID = Duration.ofSeconds(1);

    /** No peer keeps itself out of the choice for longer than others keep it out when it fails. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private RetryAfter() {}

    /** How long not to ask the peer again. A date counts as unsaid, since clocks differ. */
    static Duration of(Optional<String> header) {
        if (header.isEmpty() || !header.get().matches("[0-9]{1,9}")) {
            return UNSAID;
        }
        Duration said = Duration.ofSeconds(Long.parseLong(header.get()));
        if (said.compareTo(UNSAID) < 0) {
            return UNSAID;
        }
        return said.compareTo(LONGEST) < 0 ? said : LONGEST;
    }
}

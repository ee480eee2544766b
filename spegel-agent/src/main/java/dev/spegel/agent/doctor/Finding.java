package dev.spegel.agent.doctor;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;

/**
 * What one check found.
 *
 * @param id of the check; docs/doctor.md explains each
 * @param seen a sentence without its full stop
 * @param remedy what to do, in sentences; there unless all is well
 */
public record Finding(String id, Status status, String seen, Optional<String> remedy) {
    public Finding {
        requireNonNull(id, "id");
        requireNonNull(status, "status");
        requireNonNull(seen, "seen");
        if (remedy.isPresent() == (status == Status.OK)) {
            throw new IllegalArgumentException("%s is %s: a remedy is for what isn't well".formatted(id, status));
        }
    }

    /** How bad it is. */
    public enum Status {
        OK,
        /** It works, but not as it should, or not for long. */
        WARNING,
        /** Images don't come through the mirror, or others don't get them from here. */
        ERROR,
        /** It can't be told from here. */
        UNKNOWN;

        /** As it's printed. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String id, String seen) {
        return new Finding(id, Status.OK, seen, Optional.empty());
    }

    static Finding warning(String id, String seen, String remedy) {
        return new Finding(id, Status.WARNING, seen, Optional.of(remedy));
    }

    static Finding error(String id, String seen, String remedy) {
        return new Finding(id, Status.ERROR, seen, Optional.of(remedy));
    }

    static Finding unknown(String id, String reason, String remedy) {
        return new Finding(id, Status.UNKNOWN, reason, Optional.of(remedy));
    }
}

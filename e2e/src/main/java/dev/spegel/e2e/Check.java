package dev.spegel.e2e;

import java.util.Locale;

/** What must hold in a step. */
final class Check {
    private Check() {}

    /** @throws CheckFailedException that says what doesn't hold */
    static void that(boolean holds, String fact, Object... arguments) {
        if (!holds) {
            throw new CheckFailedException("it isn't so that " + String.format(Locale.ROOT, fact, arguments));
        }
    }
}

package dev.spegel.oci;

/** Text that may be looked at only so often: java.util.regex takes every character it looks at from here. For one search. */
final class CountedText implements CharSequence {
    private final String text;
    private int stepsLeft;

    CountedText(String text, int maxSteps) {
        this.text = text;
        this.stepsLeft = maxSteps;
    }

    @Override
    public char charAt(int index) {
        if (stepsLeft-- <= 0) {
            throw new UsedUp();
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }

    /** The text was looked at too often. */
    static final class UsedUp extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private UsedUp() {
            super("a search looked at too many characters", null, false, false);
        }
    }
}

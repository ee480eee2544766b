package dev.spegel.agent.console;

/**
 * Text in colours, or the same text as it is: ECMA-48, section 8.3.117 (SGR).
 *
 * @param coloured whether what it is written to shows colours
 */
public record Style(boolean coloured) {
    /** Without colours. */
    public static final Style PLAIN = new Style(false);

    private static final String END = "\033[0m";

    /** For headings. */
    public String bold(String text) {
        return with(1, text);
    }

    /** For what is wrong. */
    public String red(String text) {
        return with(31, text);
    }

    /** For what is well. */
    public String green(String text) {
        return with(32, text);
    }

    /** For what somebody should look at. */
    public String yellow(String text) {
        return with(33, text);
    }

    /** For what isn't known. */
    public String magenta(String text) {
        return with(35, text);
    }

    private String with(int attribute, String text) {
        return coloured ? "\033[" + attribute + "m" + text + END : text;
    }
}

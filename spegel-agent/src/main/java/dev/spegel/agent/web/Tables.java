package dev.spegel.agent.web;

/** Writes tables that scroll by themselves, so that a narrow page needn't. */
final class Tables {
    private Tables() {}

    /** Opens a table; its rows follow, and then {@link #end}. */
    static void begin(Html html, String label, String... headers) {
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label);
        html.open("table").open("thead").open("tr");
        for (String header : headers) {
            html.element("th", header, "scope", "col");
        }
        html.close().close().open("tbody");
    }

    static void end(Html html) {
        html.close().close().close();
    }

    /** A word that says how something is, with a colour. */
    static void badge(Html html, Mood mood, String text) {
        html.element("span", text, "class", "badge " + mood.name().toLowerCase(java.util.Locale.ROOT));
    }

    /** How something is. */
    enum Mood {
        GOOD,
        MIDDLING,
        BAD,
        PLAIN
    }
}

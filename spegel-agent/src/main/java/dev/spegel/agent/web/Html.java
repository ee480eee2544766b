package dev.spegel.agent.web;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;

/**
 * Writes HTML. Text and attributes are escaped here and nowhere else; names of elements and attributes come from the program, never
 * from a value. For one thread.
 */
final class Html {
    /** What a stranger sent is cut here: a name of 255 characters with a digest fits. */
    static final int MAX_FOREIGN_LENGTH = 350;

    /** HTML standard, "Void elements"; those that are used. */
    private static final Set<String> VOID = Set.of("meta", "link", "input");

    /** Those that stand within a line, where a break would show as a space. */
    private static final Set<String> INLINE = Set.of("a", "bdi", "span", "strong", "code", "small");

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins a document. */
    Html doctype() {
        out.append("<!DOCTYPE html>\n");
        return this;
    }

    /**
     * Opens an element.
     *
     * @param attributes names and values in turn; one whose value is empty is written without
     */
    Html open(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]);
            if (!attributes[i + 1].isEmpty()) {
                out.append("=\"");
                escape(attributes[i + 1]);
                out.append('"');
            }
        }
        out.append('>');
        if (!VOID.contains(element)) {
            open.push(element);
        }
        return this;
    }

    /** Closes the element opened last. */
    Html close() {
        String element = open.pop();
        out.append("</").append(element).append('>');
        if (!INLINE.contains(element)) {
            out.append('\n');
        }
        return this;
    }

    /** Text of ours, or a number. */
    Html text(String text) {
        escape(text);
        return this;
    }

    /** An element with text of ours. */
    Html element(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    /** What others named, said or sent: cut if it is very long, and kept from turning the text around it. */
    Html foreign(String value) {
        String shown = value.length() <= MAX_FOREIGN_LENGTH
                ? value
                : value.substring(0, MAX_FOREIGN_LENGTH) + "… (%d characters)".formatted(value.length());
        return element("bdi", shown);
    }

    /** An element with what others named, said or sent. */
    Html foreign(String element, String value, String... attributes) {
        return open(element, attributes).foreign(value).close();
    }

    /** What another wrote, as it is. */
    Html append(Html other) {
        out.append(other);
        return this;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("elements are still open: " + open);
        }
        return out.toString();
    }

    private void escape(String text) {
        text.codePoints().forEach(this::escape);
    }

    private void escape(int character) {
        switch (character) {
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '&' -> out.append("&amp;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            case '\n', '\t' -> out.append((char) character);
            default -> {
                if (isInvisible(character)) {
                    out.append(String.format(Locale.ROOT, "[U+%04X]", character));
                } else {
                    out.appendCodePoint(character);
                }
            }
        }
    }

    /** Control characters, marks that turn text around (Unicode UAX 9), and halves of pairs: shown, so that nothing hides. */
    private static boolean isInvisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}

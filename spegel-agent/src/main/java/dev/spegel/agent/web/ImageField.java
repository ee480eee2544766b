package dev.spegel.agent.web;

/** The row of a form in which somebody names an image. */
final class ImageField {
    /** A name of 255 characters with a tag and a digest fits. */
    private static final String MAX_LENGTH = "512";

    private ImageField() {}

    /** Writes its label, the field, and the button that sends the form. */
    static void write(Html html, String id, String label, String name, String value, String button) {
        html.element("label", label, "for", id);
        html.open("div", "class", "row");
        html.open(
                "input",
                "id",
                id,
                "name",
                name,
                "required",
                "",
                "maxlength",
                MAX_LENGTH,
                "autocapitalize",
                "off",
                "spellcheck",
                "false",
                "placeholder",
                "docker.io/library/alpine:3.20",
                "value",
                value);
        html.element("button", button, "type", "submit").close();
    }
}

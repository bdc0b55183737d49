package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * A JSON value as text, in exactly the form in which JavaScript's {@code JSON.stringify} writes it: no spaces, members
 * in the order they have in JavaScript (whole numbers first, then as given), shortest numbers.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class JsonText {

    private final String text;

    private JsonText(String text) {
        this.text = text;
    }

    /**
     * Reads JSON (RFC 8259, at most 512 levels deep) and keeps it in the form above.
     *
     * @throws IllegalArgumentException when it is not JSON
     */
    public static JsonText of(String json) {
        return ofParsed(Json.parse(json));
    }

    /** Writes a value that {@link Json#parse} made. */
    static JsonText ofParsed(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        Json.write(out, value);
        return new JsonText(out.toString());
    }

    /** The text, ready to be stored. */
    public String text() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonText that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The text. */
    @Override
    public String toString() {
        return text;
    }
}

package dev.espalier.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.release.ByteDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Writes what a command has to say to a person. */
final class Lines {

    private static final String RESET = "\u001b[0m";

    private final boolean colour;
    private final Consumer<String> target;

    Lines(boolean colour, Consumer<String> target) {
        this.colour = colour;
        this.target = target;
    }

    /** Makes lines of the events of one command. */
    @FunctionalInterface
    interface Renderer {

        /** Writes what there is to say of an event; the result has the tag {@code final}. Unknown tags say nothing. */
        void show(String tag, JsonObject data, Lines lines);
    }

    /** One line. */
    void say(String text) {
        target.accept(harmless(text));
    }

    /** One line in the manner of {@link String#format}. */
    void say(String format, Object... arguments) {
        say(String.format(Locale.ROOT, format, arguments));
    }

    /** Text that has lines of its own. */
    void block(String text) {
        text.lines().forEach(this::say);
    }

    /**
     * The text with control characters made visible. Names in a drive are somebody else's: they must not move the cursor
     * of the terminal they are shown on, nor look like two lines.
     */
    static String harmless(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                visible.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            } else {
                visible.append(c);
            }
        }
        return visible.toString();
    }

    /** A name and a value, the values of several lines standing in one column. */
    void field(String name, Object value) {
        say("%-14s %s", name, value);
    }

    /** The line of a {@code byte-diff} event. */
    void diff(JsonObject data) {
        List<Long> sizes = new ArrayList<>();
        JsonArray array = data.getAsJsonArray("sizes");
        array.forEach(size -> sizes.add(size.getAsLong()));
        ByteDiff diff = new ByteDiff(
                data.get("type").getAsInt(), sizes, data.get("message").getAsString());
        String line = harmless(diff.toString());
        target.accept(colour ? mark(diff.type()) + line.charAt(0) + RESET + line.substring(1) : line);
    }

    private static String mark(int type) {
        return switch (type) {
            case 1 -> "\u001b[32m";
            case 0 -> "\u001b[33m";
            default -> "\u001b[31m";
        };
    }

    /** The text of a member; empty when it is null or absent. */
    static String text(JsonObject data, String name) {
        JsonElement value = data.get(name);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    /** The number of a member; 0 when it is null or absent. */
    static long number(JsonObject data, String name) {
        JsonElement value = data.get(name);
        return value == null || value.isJsonNull() ? 0 : value.getAsLong();
    }

    /** {@code 1 file}, {@code 2 files}. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}

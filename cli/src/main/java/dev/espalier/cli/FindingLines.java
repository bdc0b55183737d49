package dev.espalier.cli;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.espalier.release.Diagnosis;

/** Findings as a person reads them: how bad, which row of the documents, what it is; then what to do. Stateless. */
final class FindingLines {

    private static final Gson GSON = new Gson();
    private static final String INDENT = " ".repeat(14);

    private FindingLines() {}

    /** Writes the lines of a {@code finding} event. */
    static void show(JsonObject data, Lines lines) {
        lines.say("%-8s %-4s %s", Lines.text(data, "severity"), Lines.text(data, "id"), Lines.text(data, "what"));
        lines.say(INDENT + Lines.text(data, "advice"));
        String command = Lines.text(data, "command");
        if (!command.isEmpty()) {
            lines.say(INDENT + "$ " + command);
        }
    }

    /** Ends a diagnosis: with exit status 1 when there are failures. */
    static JsonObject conclude(JsonObject result) {
        // Nothing is in it when the command was interrupted where another process did the work.
        if (result.has("failures")) {
            GSON.fromJson(result, Diagnosis.class).requireNoFailure();
        }
        return result;
    }

    /** Says that it ended well. */
    static void ended(JsonObject data, Lines lines) {
        lines.say(
                "Nothing stands in the way: %s, %s.",
                Lines.count(Lines.number(data, "warnings"), "warning"),
                Lines.count(Lines.number(data, "notes"), "note"));
    }
}

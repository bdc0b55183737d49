package dev.espalier.cli;

import com.google.gson.JsonObject;

/** Lines of the events that every command with peers has. Stateless. */
final class PeerLines {

    private PeerLines() {}

    /** Writes the line of such an event; says whether it was one. */
    static boolean show(String tag, JsonObject data, Lines lines) {
        switch (tag) {
            case "listening" -> lines.say("listening on %s:%d", Lines.text(data, "host"), Lines.number(data, "port"));
            case "peer-add" -> lines.say("o-o peer join %s %s", Lines.text(data, "key"), Lines.text(data, "address"));
            case "peer-remove" ->
                lines.say(
                        "-_- peer drop %s %s%s",
                        Lines.text(data, "key"),
                        Lines.text(data, "address"),
                        Lines.text(data, "reason").isEmpty() ? "" : ": " + Lines.text(data, "reason"));
            case "peer-refused" -> lines.say("x-x %s", Lines.text(data, "message"));
            case "peer-unreachable" ->
                lines.say(
                        "x-x peer %s cannot be reached: %s", Lines.text(data, "address"), Lines.text(data, "message"));
            default -> {
                return false;
            }
        }
        return true;
    }
}

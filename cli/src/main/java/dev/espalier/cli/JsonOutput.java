package dev.espalier.cli;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.espalier.release.Json;
import dev.espalier.release.Progress;

/** For scripts: one JSON object a line on standard output, flushed at each. */
final class JsonOutput implements Output {

    private final Terminal terminal;
    private final String command;
    private final boolean verbose;
    private final ProgressBar bar;

    JsonOutput(Terminal terminal, String command, boolean verbose) {
        this.terminal = terminal;
        this.command = command;
        this.verbose = verbose;
        this.bar = new ProgressBar(terminal);
    }

    @Override
    public void event(String tag, JsonObject data) {
        bar.clear();
        JsonObject line = new JsonObject();
        line.addProperty("cmd", command);
        line.addProperty("tag", tag);
        line.add("data", data);
        Terminal.line(terminal.out(), Json.line(line));
    }

    @Override
    public void progress(Progress progress) {
        bar.show(progress);
    }

    @Override
    public void ended(JsonObject data) {
        event("final", success(true, data));
    }

    @Override
    public void failed(Failure failure) {
        JsonObject data = new JsonObject();
        data.addProperty("code", failure.code());
        data.addProperty("message", failure.message());
        data.add("info", failure.info() == null ? JsonNull.INSTANCE : failure.info());
        event("error", data);
        if (verbose) {
            Terminal.line(terminal.err(), failure.trace());
        }
        event("final", success(false, new JsonObject()));
    }

    private static JsonObject success(boolean success, JsonObject rest) {
        JsonObject data = new JsonObject();
        data.addProperty("success", success);
        rest.entrySet().forEach(member -> data.add(member.getKey(), member.getValue()));
        return data;
    }
}

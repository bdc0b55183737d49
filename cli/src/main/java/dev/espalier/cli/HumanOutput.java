package dev.espalier.cli;

import com.google.gson.JsonObject;
import dev.espalier.release.Progress;

/** For a person: plain lines on standard output, a progress bar and failures on standard error. */
final class HumanOutput implements Output {

    private final Terminal terminal;
    private final String command;
    private final boolean verbose;
    private final Lines.Renderer renderer;
    private final ProgressBar bar;
    private final Lines lines;
    private final Lines.Renderer beside;
    private final Lines notes;

    /** {@code renderer} writes to standard output, {@code beside} to standard error. */
    HumanOutput(Terminal terminal, String command, boolean verbose, Lines.Renderer renderer, Lines.Renderer beside) {
        this.terminal = terminal;
        this.command = command;
        this.verbose = verbose;
        this.renderer = renderer;
        this.bar = new ProgressBar(terminal);
        this.lines = new Lines(terminal.hasColour(), text -> {
            bar.clear();
            Terminal.line(terminal.out(), text);
        });
        this.beside = beside;
        this.notes = new Lines(terminal.hasColour() && terminal.errIsTerminal(), text -> {
            bar.clear();
            Terminal.line(terminal.err(), text);
        });
    }

    @Override
    public void event(String tag, JsonObject data) {
        if (tag.equals("warning")) {
            bar.clear();
            Terminal.line(
                    terminal.err(),
                    Lines.harmless("espalier: " + data.get("message").getAsString()));
        } else {
            renderer.show(tag, data, lines);
            beside.show(tag, data, notes);
        }
    }

    @Override
    public void progress(Progress progress) {
        bar.show(progress);
    }

    @Override
    public void ended(JsonObject data) {
        bar.clear();
        renderer.show("final", data, lines);
    }

    @Override
    public void failed(Failure failure) {
        bar.clear();
        Terminal.line(terminal.err(), "espalier " + command + ": " + failure.message() + " (" + failure.code() + ")");
        if (verbose) {
            Terminal.line(terminal.err(), failure.trace());
        }
    }
}

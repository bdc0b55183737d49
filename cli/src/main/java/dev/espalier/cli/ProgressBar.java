package dev.espalier.cli;

import dev.espalier.release.Progress;
import dev.espalier.release.SizeText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One line on standard error that is written over and over; nothing at all when that is no terminal.
 *
 * <p><b>Threading:</b> one thread.
 */
final class ProgressBar {

    private static final int BAR = 24;
    private static final String CLEAR = "\r\u001b[K";

    private final Terminal terminal;
    private final int columns;
    private boolean shown;

    ProgressBar(Terminal terminal) {
        this.terminal = terminal;
        this.columns = columns(terminal.environment().getOrDefault("COLUMNS", ""));
    }

    /** Shows how far it is. */
    void show(Progress progress) {
        if (!terminal.errIsTerminal()) {
            return;
        }
        String text = Lines.harmless(text(progress));
        write(CLEAR + (text.length() < columns ? text : text.substring(0, columns - 1)));
        shown = true;
    }

    /** Takes the line away, for another to be written. */
    void clear() {
        if (shown) {
            write(CLEAR);
            shown = false;
        }
    }

    static String text(Progress progress) {
        String done = progress.bytes() ? SizeText.of(progress.done()) : Long.toString(progress.done());
        if (progress.total() <= 0) {
            return progress.label() + " " + done;
        }
        String total = progress.bytes() ? SizeText.of(progress.total()) : Long.toString(progress.total());
        double part = Math.min(1, (double) progress.done() / progress.total());
        int full = (int) (part * BAR);
        return progress.label() + " [" + "#".repeat(full) + ".".repeat(BAR - full) + "] " + (int) (part * 100) + "% "
                + done + "/" + total;
    }

    private void write(String text) {
        try {
            terminal.err().write(text.getBytes(StandardCharsets.UTF_8));
            terminal.err().flush();
        } catch (IOException e) {
            // Nobody looks any more; the work goes on.
            shown = false;
        }
    }

    private static int columns(String text) {
        try {
            return Math.max(20, Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return 80;
        }
    }
}

package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import java.util.Locale;

/** Asks whether something is really meant. Stateless. */
final class Confirmation {

    private Confirmation() {}

    /**
     * Goes on only after a yes.
     *
     * @param otherwise what a script does instead, to follow "nobody to ask; "
     * @throws EspalierException {@code ERR_NOT_CONFIRMED}
     */
    static void require(Terminal terminal, String question, String otherwise) {
        Keyboard keyboard = terminal.keyboard();
        if (!keyboard.isPresent()) {
            throw new EspalierException(
                    "ERR_NOT_CONFIRMED", "There is no terminal, so nobody to ask; " + otherwise + ".");
        }
        String answer = keyboard.line(question + " [y/N] ").strip().toLowerCase(Locale.ROOT);
        if (!answer.equals("y") && !answer.equals("yes")) {
            throw new EspalierException("ERR_NOT_CONFIRMED", "Not confirmed; nothing was done.");
        }
    }
}

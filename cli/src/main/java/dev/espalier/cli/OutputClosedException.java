package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;

/** Whoever read the output of a command reads no more: {@code espalier dump ... | head}. */
final class OutputClosedException extends EspalierException {

    private static final long serialVersionUID = 1L;

    OutputClosedException(IOException cause) {
        super("ERR_OPERATION_FAILED", "The output cannot be written any more.", cause);
    }
}

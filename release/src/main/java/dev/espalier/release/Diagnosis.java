package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.util.List;

/**
 * How a look at a project or link ended.
 *
 * @param failures findings that stand in the way
 * @param warnings findings that may be meant
 * @param notes findings that are as they should be, or cannot be seen
 * @param codes codes of the failures, each once
 */
public record Diagnosis(int failures, int warnings, int notes, List<String> codes) {

    /** Keeps its own copy. */
    public Diagnosis {
        codes = List.copyOf(codes);
    }

    /**
     * Ends what must not go on.
     *
     * @throws EspalierException {@code ERR_FINDINGS} when there are failures
     */
    public void requireNoFailure() {
        if (failures > 0) {
            throw new EspalierException(
                    "ERR_FINDINGS",
                    (failures == 1 ? "1 finding stands" : failures + " findings stand") + " in the way: "
                            + String.join(", ", codes) + ".");
        }
    }
}

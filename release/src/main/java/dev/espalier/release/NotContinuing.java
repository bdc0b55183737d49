package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * D14: what is to be signed is at fork 0 and begins with all of production, block for block.
 *
 * @param provision the provision link
 * @param fork its fork
 * @param mismatch how comparing it with production failed; null when it did not
 */
record NotContinuing(Link provision, long fork, @Nullable EspalierException mismatch) implements Detection {

    private static final String CODE = "INCOMPATIBLE_SOURCE_AND_TARGET";

    @Override
    public List<Finding> findings() {
        if (fork == 0 && mismatch == null) {
            return List.of();
        }
        String what = mismatch != null
                ? String.valueOf(mismatch.getMessage())
                : provision + " is at fork " + fork + ": it was truncated, and signatures over it never hold.";
        return List.of(Finding.failure(
                        "D14",
                        CODE,
                        what,
                        "Request nothing and never force it: touch a new link, provision to it, set it as srcKey.")
                .typing("espalier touch"));
    }
}

package dev.espalier.release;

/**
 * All was done, or in a dry run told.
 *
 * @param dryRun whether nothing was done
 */
public record Complete(boolean dryRun) implements Event {
    @Override
    public String tag() {
        return "complete";
    }
}

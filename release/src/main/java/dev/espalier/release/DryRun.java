package dev.espalier.release;

/** What follows is only told, not done. */
public record DryRun() implements Event {
    @Override
    public String tag() {
        return "dry";
    }
}

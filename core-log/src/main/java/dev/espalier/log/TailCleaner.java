package dev.espalier.log;

/**
 * Second step of opening a log that was not closed cleanly: what an interrupted append wrote beyond the head, or an
 * interrupted truncation left there, becomes absent, so that nobody ever trusts it.
 */
final class TailCleaner {

    private TailCleaner() {}

    static void clean(LogFiles files, long length) {
        files.bits().clearFrom(length);
        files.tree().removeBeyond(length, files.tree().records().records());
        files.entries().removeFrom(length, files.entries().records().records());
    }
}

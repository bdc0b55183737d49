package dev.espalier.drive;

/**
 * Which changes of a history to tell, and in which order. Positions are blocks of the db; block 0 is no change.
 *
 * @param from first block; negative counts back from the version, 0 means 1
 * @param to block after the last one; negative counts back from the version. What lies beyond the version is left out
 * @param reverse newest first
 * @param limit at most so many; negative for all
 */
public record HistoryRange(long from, long to, boolean reverse, long limit) {

    /** All changes, oldest first. */
    public static final HistoryRange ALL = new HistoryRange(1, Long.MAX_VALUE, false, -1);

    /** Changes in blocks {@code from} to {@code to - 1}, oldest first. */
    public static HistoryRange of(long from, long to) {
        return new HistoryRange(from, to, false, -1);
    }

    /** The same, newest first. */
    public HistoryRange reversed() {
        return new HistoryRange(from, to, !reverse, limit);
    }

    /** The same, at most so many. */
    public HistoryRange limit(long count) {
        return new HistoryRange(from, to, reverse, count);
    }

    /** First block of a tree of this version. */
    long first(long version) {
        return Math.max(1, from < 0 ? from + version : from);
    }

    /** Block after the last one of a tree of this version. */
    long end(long version) {
        return Math.min(to < 0 ? to + version : to, version);
    }
}

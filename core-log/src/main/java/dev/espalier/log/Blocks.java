package dev.espalier.log;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some blocks of a log, by index, and in which order to fetch them; see {@link Log#fetch}.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Blocks {

    private final long start;
    private final long end;
    /** In order, each once; null for all from start to end. */
    private final long @Nullable [] chosen;

    private final boolean linear;

    private Blocks(long start, long end, long @Nullable [] chosen, boolean linear) {
        this.start = start;
        this.end = end;
        this.chosen = chosen;
        this.linear = linear;
    }

    /** Blocks {@code start} to {@code end - 1}; {@link Long#MAX_VALUE} as end follows the log as it grows. */
    public static Blocks range(long start, long end) {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no range of blocks: " + start + " to " + end);
        }
        return new Blocks(start, end, null, false);
    }

    /** All blocks from {@code start} on, those that will be appended, too. */
    public static Blocks from(long start) {
        return range(start, Long.MAX_VALUE);
    }

    /** Just these blocks, in any order. */
    public static Blocks of(long... indexes) {
        long[] sorted = Arrays.stream(indexes).sorted().distinct().toArray();
        if (sorted.length == 0) {
            return range(0, 0);
        }
        if (sorted[0] < 0) {
            throw new IllegalArgumentException("a block has a negative index: " + sorted[0]);
        }
        return new Blocks(sorted[0], sorted[sorted.length - 1] + 1, sorted, false);
    }

    /**
     * The same, the first missing block always coming next. Otherwise each peer begins at a place of its own, and what few
     * peers have comes before what many have.
     */
    public Blocks linear() {
        return new Blocks(start, end, chosen, true);
    }

    /** The first block. */
    public long start() {
        return start;
    }

    /** After the last block; {@link Long#MAX_VALUE} when the log is followed. */
    public long end() {
        return end;
    }

    /** Whether the first missing block always comes next. */
    public boolean isLinear() {
        return linear;
    }

    /** Whether {@code index} is one of them. */
    public boolean contains(long index) {
        return next(index) == index && index < end;
    }

    /** The first of them at or after {@code index}; {@link #end} when there is none. */
    public long next(long index) {
        if (index <= start) {
            return start;
        }
        if (chosen == null || index >= end) {
            return Math.min(index, end);
        }
        int at = Arrays.binarySearch(chosen, index);
        return chosen[at >= 0 ? at : -at - 1];
    }

    /** Number of blocks in a log of {@code length} blocks; those beyond count if they are not open-ended. */
    long count(long length) {
        if (chosen != null) {
            return chosen.length;
        }
        return Math.max(0, (end == Long.MAX_VALUE ? length : end) - start);
    }

    /** How many of them are held. */
    long held(LogCore core) {
        BitFile bits = core.files().bits();
        long limit = Math.min(end, core.readable(core.head()));
        if (chosen == null) {
            return start >= limit ? 0 : bits.count(start, limit);
        }
        long held = 0;
        for (long index : chosen) {
            held += index < limit && bits.get(index) ? 1 : 0;
        }
        return held;
    }

    @Override
    public String toString() {
        String which = chosen != null
                ? chosen.length + " blocks from " + start + " to " + (end - 1)
                : "blocks from " + start + (end == Long.MAX_VALUE ? " on" : " to " + (end - 1));
        return linear ? which + " in order" : which;
    }
}

package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Notes which blocks are of use, to clear all others: of those that the log had when marking began.
 *
 * <p>Only what is read through {@link #get}, or marked, counts. Whoever reads from a cache above the log must mark the
 * blocks behind it, or they are swept away.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class LogMarks {

    private static final int PAGE_SHIFT = 16;

    private final Log log;
    private final long fork;
    private final long length;
    private final Map<Long, BitSet> pages = new HashMap<>();

    LogMarks(Log log) {
        this.log = log;
        this.fork = log.fork();
        this.length = log.length();
    }

    /** Marks a block and reads it as {@link Log#get(long)} does. */
    public byte[] get(long index) {
        mark(index, index + 1);
        return log.get(index);
    }

    /** Marks blocks {@code start} to {@code end - 1}. */
    public synchronized void mark(long start, long end) {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no range of blocks: " + start + " to " + end);
        }
        for (long at = start; at < Math.min(end, length); ) {
            long page = at >>> PAGE_SHIFT;
            long stop = Math.min(Math.min(end, length), (page + 1) << PAGE_SHIFT);
            pages.computeIfAbsent(page, key -> new BitSet()).set(inPage(at), inPage(stop - 1) + 1);
            at = stop;
        }
    }

    private static int inPage(long block) {
        return (int) (block & ((1L << PAGE_SHIFT) - 1));
    }

    private boolean isMarked(long block) {
        BitSet page = pages.get(block >>> PAGE_SHIFT);
        return page != null && page.get(inPage(block));
    }

    /**
     * Clears all held blocks that are not marked, below the length that the log had when marking began.
     *
     * @return bytes by which the files take less room, as {@link Log#clear}
     * @throws EspalierException INVALID_OPERATION when the log changed its fork since: what was marked is not what is there
     */
    public synchronized long sweep() {
        if (log.fork() != fork) {
            throw new EspalierException(
                    "INVALID_OPERATION",
                    "Log " + log.key() + " was truncated since marking began; mark again before sweeping.");
        }
        long freed = 0;
        long start = endOf(false, 0);
        while (start < length) {
            long end = endOf(true, start);
            freed += log.clear(start, end);
            start = endOf(false, end);
        }
        return freed;
    }

    /** End of the row of blocks from here on that all are to go, or all are not. */
    private long endOf(boolean going, long from) {
        long at = from;
        while (at < length && (log.has(at) && !isMarked(at)) == going) {
            at++;
        }
        return at;
    }
}

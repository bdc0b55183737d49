package dev.espalier.log;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts mappings that their files do not use any more. A mapping goes when the garbage collector finds that nobody can
 * reach it, readers included: that makes reading without a lock safe, but a process with much memory may not collect for
 * a long time, while the system's number of mappings is limited (65,530 on Linux, unless set otherwise). So a collection
 * is asked for after many of them.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DroppedMappings {

    /** Mappings after which a collection is asked for: those of some 3,000 logs. */
    static final int MOST = 1 << 14;

    private static final AtomicInteger DROPPED = new AtomicInteger();

    private DroppedMappings() {}

    /** Adds mappings that were dropped now. */
    static void add(int mappings) {
        if (mappings > 0 && DROPPED.addAndGet(mappings) >= MOST) {
            DROPPED.set(0);
            System.gc();
        }
    }
}

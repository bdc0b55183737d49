package dev.espalier.log;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts who looks at mapped blocks just now, so that their room is not given back below them.
 *
 * <p>A reader enters before it looks whether a block is held. A writer first makes the block absent, then asks whether
 * anybody is inside. So each reader that saw the block is counted, at the price of counting others, too.
 *
 * <p><b>Threading:</b> any thread; readers do not hold each other up.
 */
final class ViewCount {

    private final LongAdder entered = new LongAdder();
    private final LongAdder left = new LongAdder();

    void enter() {
        entered.increment();
        VarHandle.fullFence(); // What is read now must not be read before.
    }

    void leave() {
        left.increment();
    }

    /** Whether everybody left who entered before this call. */
    boolean isEmpty() {
        VarHandle.fullFence();
        // In this order: who leaves in between counts as inside, who enters in between counts, too.
        long gone = left.sum();
        VarHandle.fullFence();
        return entered.sum() == gone;
    }
}

package dev.espalier.log;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Direct buffers in which blocks are gathered before one write, shared by the logs of a store.
 *
 * <p><b>Threading:</b> any thread; what was taken belongs to the taker.
 */
final class StagingBuffers {

    /** Fits the second-level cache, and makes the cost of a system call small beside that of copying. */
    static final int BYTES = 256 << 10;

    private static final int KEPT = 4;

    private final ConcurrentLinkedQueue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    ByteBuffer take() {
        ByteBuffer buffer = idle.poll();
        if (buffer == null) {
            return ByteBuffer.allocateDirect(BYTES);
        }
        count.decrementAndGet();
        return buffer;
    }

    void give(ByteBuffer buffer) {
        if (count.incrementAndGet() > KEPT) {
            count.decrementAndGet();
            return;
        }
        idle.add(buffer);
    }
}

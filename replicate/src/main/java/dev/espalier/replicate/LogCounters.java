package dev.espalier.replicate;

import java.util.concurrent.atomic.AtomicLong;

/** Counts blocks of one log on one connection. <b>Threading:</b> any thread. */
final class LogCounters {

    private final AtomicLong blocksIn = new AtomicLong();
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong blocksOut = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final Runnable changed;

    /** Calls {@code changed} after each count. */
    LogCounters(Runnable changed) {
        this.changed = changed;
    }

    void received(int bytes) {
        blocksIn.incrementAndGet();
        bytesIn.addAndGet(bytes);
        changed.run();
    }

    /** Takes one back that was counted and turned out not to hold. */
    void refused(int bytes) {
        blocksIn.decrementAndGet();
        bytesIn.addAndGet(-bytes);
    }

    void sent(int bytes) {
        blocksOut.incrementAndGet();
        bytesOut.addAndGet(bytes);
        changed.run();
    }

    BlockTraffic read() {
        return new BlockTraffic(blocksIn.get(), bytesIn.get(), blocksOut.get(), bytesOut.get());
    }
}

package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The right to append to one log. Unlike a {@link java.util.concurrent.locks.Lock} it may be given back by another
 * thread, and the thread that holds it gets an exception instead of a deadlock when it asks again.
 *
 * <p><b>Threading:</b> any number of threads.
 */
final class WriterLock {

    /** The locks in use, by store and log: all drives of a process on one log share it. */
    private static final Map<Id, WeakReference<WriterLock>> SHARED = new HashMap<>();

    private record Id(Path store, Key discoveryKey) {}

    private final Semaphore permit = new Semaphore(1, true);
    private final String held;
    private volatile @Nullable Thread holder;

    /** {@code held} completes the sentence "this thread has ... open". */
    WriterLock(String held) {
        this.held = held;
    }

    /** The lock of a log, which lives as long as somebody keeps it. */
    static WriterLock of(LogStore store, Log log, String held) {
        Id id = new Id(store.folder().toAbsolutePath(), log.discoveryKey());
        synchronized (SHARED) {
            SHARED.values().removeIf(lock -> lock.get() == null);
            WeakReference<WriterLock> known = SHARED.get(id);
            WriterLock lock = known == null ? null : known.get();
            if (lock == null) {
                lock = new WriterLock(held);
                SHARED.put(id, new WeakReference<>(lock));
            }
            return lock;
        }
    }

    /** Waits until nobody else writes. */
    void acquire() {
        if (holder == Thread.currentThread()) {
            throw new IllegalStateException("this thread has " + held + " open: finish that first, or write into it");
        }
        permit.acquireUninterruptibly();
        holder = Thread.currentThread();
    }

    void release() {
        holder = null;
        permit.release();
    }
}

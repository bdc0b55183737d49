package dev.espalier.log;

import dev.espalier.merkle.Conflict;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.collections.Long2ObjectHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who wants to hear of changes of a log, and who waits for a block of it.
 *
 * <p><b>Threading:</b> any thread; everybody is called on the thread that made the change, with no lock held.
 */
final class LogEvents {

    private static final Logger LOG = LoggerFactory.getLogger(LogEvents.class);

    /** A listener and the handle it listened on. */
    private record Registration(Log log, LogListener listener) {}

    private final List<Registration> listeners = new CopyOnWriteArrayList<>();
    /** By block; guarded by itself. */
    private final Long2ObjectHashMap<List<CompletableFuture<Void>>> waiters = new Long2ObjectHashMap<>();

    /** Spares those who store blocks the lock as long as nobody waits. */
    private volatile boolean waiting;

    /** Adds a listener; the result takes it away. */
    AutoCloseable listen(Log log, LogListener listener) {
        Registration registration = new Registration(log, listener);
        listeners.add(registration);
        return () -> listeners.remove(registration);
    }

    /** A future that completes when a block is stored. The caller looks for the block after this call, not before. */
    @SuppressWarnings("FutureReturnValueIgnored") // the next stage only tidies up
    CompletableFuture<Void> stored(long block) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        synchronized (waiters) {
            waiters.computeIfAbsent(block, key -> new ArrayList<>(1)).add(future);
            waiting = true;
        }
        future.whenComplete((done, failure) -> forget(block, future));
        VarHandle.fullFence(); // The other half is in blocksStored: one of both sees what the other wrote.
        return future;
    }

    private void forget(long block, CompletableFuture<Void> future) {
        synchronized (waiters) {
            List<CompletableFuture<Void>> list = waiters.get(block);
            if (list != null && list.removeIf(one -> one == future) && list.isEmpty()) {
                waiters.remove(block);
                waiting = !waiters.isEmpty();
            }
        }
    }

    void headChanged() {
        for (Registration one : listeners) {
            call(() -> one.listener().headChanged(one.log()));
        }
    }

    void blocksStored(long start, long count) {
        VarHandle.fullFence();
        if (waiting) {
            for (long block = start; block < start + count; block++) {
                wake(block);
            }
        }
        for (Registration one : listeners) {
            call(() -> one.listener().blocksStored(one.log(), start, count));
        }
    }

    void truncated(long length, long fork) {
        for (Registration one : listeners) {
            call(() -> one.listener().truncated(one.log(), length, fork));
        }
    }

    void blocksCleared(long start, long count) {
        for (Registration one : listeners) {
            call(() -> one.listener().blocksCleared(one.log(), start, count));
        }
    }

    void conflict(Conflict conflict) {
        for (Registration one : listeners) {
            call(() -> one.listener().conflict(one.log(), conflict));
        }
    }

    void blockSent(long index, int bytes) {
        for (Registration one : listeners) {
            call(() -> one.listener().blockSent(one.log(), index, bytes));
        }
    }

    void unused() {
        for (Registration one : listeners) {
            call(() -> one.listener().unused(one.log()));
        }
    }

    void closed() {
        for (Registration one : listeners) {
            call(() -> one.listener().closed(one.log()));
        }
        listeners.clear();
        List<CompletableFuture<Void>> left;
        synchronized (waiters) {
            left = waiters.values().stream().flatMap(List::stream).toList();
        }
        left.forEach(future -> future.completeExceptionally(new IllegalStateException("the log was closed")));
    }

    private void wake(long block) {
        List<CompletableFuture<Void>> list;
        synchronized (waiters) {
            List<CompletableFuture<Void>> waiting = waiters.get(block);
            list = waiting == null ? List.of() : List.copyOf(waiting);
        }
        list.forEach(future -> future.complete(null));
    }

    private static void call(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.warn("A listener failed", e);
        }
    }
}

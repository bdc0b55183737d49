package dev.espalier.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A peer in the same process: answers at once from one log, or when told to. */
final class DirectSource implements BlockSource {

    private final Log from;
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;

    DirectSource(Log from) {
        this.from = from;
    }

    /** Keeps answers back until {@link #answer}. */
    DirectSource hold() {
        holding = true;
        return this;
    }

    int waiting() {
        return held.size();
    }

    void answer() {
        List<Runnable> now = List.copyOf(held);
        held.clear();
        now.forEach(Runnable::run);
    }

    private <T> CompletableFuture<T> later(CompletableFuture<T> future, Runnable work) {
        Runnable guarded = () -> {
            if (future.isCancelled()) {
                return;
            }
            try {
                work.run();
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        };
        if (holding) {
            held.add(guarded);
        } else {
            guarded.run();
        }
        return future;
    }

    @Override
    public boolean canAsk() {
        return true;
    }

    @Override
    public CompletableFuture<Void> block(Log log, long index) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        return later(future, () -> {
            log.apply(SparseLogTest.fetch(from, log, index));
            future.complete(null);
        });
    }

    @Override
    public CompletableFuture<Void> range(Log log, long start, long end) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        return later(future, () -> {
            for (long block = start; block < Math.min(end, log.length()); block++) {
                log.apply(SparseLogTest.fetch(from, log, block));
            }
            future.complete(null);
        });
    }

    @Override
    public CompletableFuture<Boolean> update(Log log) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        return later(future, () -> {
            boolean newer = from.length() > log.length();
            if (newer) {
                log.apply(SparseLogTest.upgrade(from, log));
            }
            future.complete(newer);
        });
    }
}

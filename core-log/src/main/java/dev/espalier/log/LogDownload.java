package dev.espalier.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Blocks of a log on their way here; see {@link Log#fetch}.
 *
 * <p><b>Threading:</b> all methods from any thread; none blocks.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what follows a future's end is all there is to do
public final class LogDownload implements AutoCloseable {

    private final Log log;
    private final Blocks blocks;
    private final CompletableFuture<Void> asked;
    private final CompletableFuture<LogDownload> done;

    LogDownload(Log log, Blocks blocks, CompletableFuture<Void> asked) {
        this.log = log;
        this.blocks = blocks;
        this.asked = asked;
        this.done = asked.thenApply(nothing -> this);
    }

    /** Completes with this when all is held, exceptionally when it cannot be had or the download was closed. */
    public CompletableFuture<LogDownload> done() {
        return done.copy();
    }

    /** Number of blocks wanted, held before or not. Of an open-ended download, those that are known now. */
    public long totalBlocks() {
        return blocks.count(log.length());
    }

    /** How many of them are held now. */
    public long heldBlocks() {
        return blocks.held(log.core());
    }

    /**
     * Calls {@code listener} after blocks have arrived, and a last time when it is {@link #done}. Calls may stand for many
     * blocks; {@code executor} runs them one at a time.
     */
    public LogDownload onProgress(Consumer<LogDownload> listener, Executor executor) {
        Progress progress = new Progress(listener, executor);
        AutoCloseable listening = log.listen(progress);
        done.whenComplete((self, failure) -> {
            try {
                listening.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot stop listening", e);
            }
            progress.signal();
        });
        return this;
    }

    /** Withdraws what is still wanted; {@link #done} fails with a cancellation unless it was done. */
    @Override
    public void close() {
        done.cancel(false);
        asked.cancel(false);
    }

    private final class Progress implements LogListener {

        private final Consumer<LogDownload> listener;
        private final Executor executor;
        private final AtomicBoolean running = new AtomicBoolean();
        private final AtomicBoolean more = new AtomicBoolean();

        Progress(Consumer<LogDownload> listener, Executor executor) {
            this.listener = listener;
            this.executor = executor;
        }

        @Override
        public void blocksStored(Log changed, long start, long count) {
            if (blocks.next(start) < start + count) {
                signal();
            }
        }

        void signal() {
            more.set(true);
            if (running.compareAndSet(false, true)) {
                executor.execute(this::run);
            }
        }

        private void run() {
            do {
                try {
                    while (more.getAndSet(false)) {
                        listener.accept(LogDownload.this);
                    }
                } finally {
                    running.set(false);
                }
                // Signalled after the last look and before running was given up: nobody else will run.
            } while (more.get() && running.compareAndSet(false, true));
        }
    }
}

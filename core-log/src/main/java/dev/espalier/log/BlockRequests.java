package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a store's {@link BlockSource} for what a log lacks, and waits for it.
 *
 * <p><b>Threading:</b> stateless over the log it belongs to.
 */
@SuppressWarnings("FutureReturnValueIgnored") // each stage hands its failure to the result
final class BlockRequests {

    private final OpenStore store;
    private final LogCore core;
    private final BlockCodec codec;

    BlockRequests(OpenStore store, LogCore core, BlockCodec codec) {
        this.store = store;
        this.core = core;
        this.codec = codec;
    }

    /** A copy of a block, now or when it has arrived. Cancelling withdraws the wish. */
    CompletableFuture<byte[]> get(Log log, long index) {
        byte[] held;
        try {
            held = copy(index);
        } catch (EspalierException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (held != null) {
            return CompletableFuture.completedFuture(held);
        }
        try {
            core.checkNoConflict();
        } catch (EspalierException e) {
            return CompletableFuture.failedFuture(e);
        }
        BlockSource source = store.source();
        if (index < 0 || source == null || !source.canAsk()) {
            return CompletableFuture.failedFuture(absent(index));
        }
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        if (index < core.head().length()) {
            fetch(source, log, index, result);
            return result;
        }
        CompletableFuture<Boolean> update = source.update(log);
        update.whenComplete((changed, failure) -> {
            if (failure != null) {
                result.completeExceptionally(cause(failure));
            } else if (index < core.head().length()) {
                fetch(source, log, index, result);
            } else {
                result.completeExceptionally(absent(index));
            }
        });
        cancelWith(result, update);
        return result;
    }

    private void fetch(BlockSource source, Log log, long index, CompletableFuture<byte[]> result) {
        CompletableFuture<Void> stored = core.events().stored(index);
        stored.whenComplete((done, failure) -> finish(index, result, failure));
        cancelWith(result, stored);
        if (core.has(index)) {
            finish(index, result, null);
            return;
        }
        CompletableFuture<Void> asked = source.block(log, index);
        asked.whenComplete((done, failure) -> finish(index, result, failure));
        cancelWith(result, asked);
    }

    private void finish(long index, CompletableFuture<byte[]> result, @Nullable Throwable failure) {
        if (result.isDone()) {
            return;
        }
        byte[] held;
        try {
            held = failure == null ? copy(index) : null;
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
            return;
        }
        if (held != null) {
            result.complete(held);
        } else {
            result.completeExceptionally(failure == null ? absent(index) : cause(failure));
        }
    }

    /** Once {@code result} is there, however it came, nobody needs {@code part} any more. */
    private static void cancelWith(CompletableFuture<?> result, CompletableFuture<?> part) {
        result.whenComplete((done, failure) -> part.cancel(false));
    }

    /** A copy of the content of a held block; null when it is not held. */
    byte @Nullable [] copy(long index) {
        core.views().enter();
        try {
            ByteBuffer view = core.block(index);
            return view == null ? null : codec.copy(index, view);
        } finally {
            core.views().leave();
        }
    }

    /** The failure of a block that is not held and cannot be had. */
    EspalierException absent(long index) {
        long length = core.head().length();
        String why = index < 0 || index >= length
                ? "it has " + length + " blocks as far as known here"
                : "it is not held here and there is nobody to ask";
        return new EspalierException(
                LogCore.NOT_FOUND, "Block " + index + " of log " + core.key() + " was not found: " + why + ".");
    }

    /** Whether the head changed within {@code timeout}. */
    boolean update(Log log, Duration timeout) {
        BlockSource source = store.source();
        if (source == null || !source.canAsk()) {
            return false;
        }
        Object before = core.head();
        CompletableFuture<Boolean> update = source.update(log);
        try {
            update.get(nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            update.cancel(false);
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (InterruptedException e) {
            update.cancel(false);
            throw interrupted(e);
        }
        return core.head() != before;
    }

    /** Completes when all blocks of a range are held. */
    CompletableFuture<Void> download(Log log, long start, long end) {
        if (end <= core.head().length() && core.files().bits().nextClear(start, end) == end) {
            return CompletableFuture.completedFuture(null);
        }
        BlockSource source = store.source();
        if (source == null || !source.canAsk()) {
            return CompletableFuture.failedFuture(new EspalierException(
                    LogCore.NOT_FOUND,
                    "Blocks of log " + core.key() + " from " + start + " on are not held here and there is nobody to"
                            + " ask."));
        }
        return source.range(log, start, end);
    }

    /** Waits for a result of {@link #get}; no limit when {@code timeout} is null. */
    byte[] await(CompletableFuture<byte[]> result, long index, @Nullable Duration timeout) {
        try {
            return timeout == null ? result.get() : result.get(nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            result.cancel(false);
            throw new EspalierException(
                    "ERR_TIMEOUT",
                    "Block " + index + " of log " + core.key() + " did not arrive within " + timeout.toMillis()
                            + " ms.",
                    e);
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (InterruptedException e) {
            result.cancel(false);
            throw interrupted(e);
        }
    }

    /** Longer than 292 years is for ever. */
    private static long nanos(Duration timeout) {
        return timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? timeout.toNanos() : Long.MAX_VALUE;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof EspalierException known) {
            return known;
        }
        return new IllegalStateException("asking for a block failed: " + failure, failure);
    }

    private static EspalierException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new EspalierException("ERR_INTERRUPTED", "The thread was interrupted while it waited.", e);
    }
}

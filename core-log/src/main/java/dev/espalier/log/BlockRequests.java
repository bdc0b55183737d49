package dev.espalier.log;

import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
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

    /** Completes when all these blocks are held. */
    CompletableFuture<Void> download(Log log, Blocks blocks) {
        if (blocks.end() <= core.head().length()
                && blocks.held(core) == blocks.count(core.head().length())) {
            return CompletableFuture.completedFuture(null);
        }
        BlockSource source = store.source();
        if (source == null || !source.canAsk()) {
            return CompletableFuture.failedFuture(new EspalierException(
                    LogCore.NOT_FOUND,
                    "Blocks of log " + core.key() + " from " + blocks.start()
                            + " on are not held here and there is nobody to ask."));
        }
        return source.blocks(log, blocks);
    }

    /** Where a byte lies; see {@link Log#seek(long, Duration)}. No limit when {@code timeout} is null. */
    Optional<Log.Position> seek(Log log, long position, @Nullable Duration timeout) {
        long begun = System.nanoTime();
        while (true) {
            LogCore open = log.core();
            TreeHead head = open.head();
            ByteOffsets.Position found = new ByteOffsets(open.nodes(head), head, codec.padding()).seek(position);
            if (!open.isStill(head)) {
                continue;
            }
            if (found == null) {
                return Optional.empty();
            }
            if (found.isBlock()) {
                return Optional.of(new Log.Position(found.firstBlock(), found.offset()));
            }
            if (timeout == null) {
                narrow(log, position, found, null);
            } else if (timeout.isZero()) {
                throw unknown(position, found);
            } else {
                Duration left = timeout.minusNanos(System.nanoTime() - begun);
                narrow(log, position, found, left.isNegative() ? Duration.ZERO : left);
            }
        }
    }

    /** Waits for nodes that tell more of where a byte lies than that it is below a node. */
    void narrow(Log log, long position, ByteOffsets.Position found, @Nullable Duration timeout) {
        long block = found.firstBlock();
        BlockSource source = store.source();
        if (source == null || !source.canAsk()) {
            throw unknown(position, found);
        }
        if (found.endBlock() - block > 2) {
            await(source.seek(log, position, codec.padding()), "Byte " + position, timeout);
        } else if (core.has(block)) {
            // The sizes of two leaves are proven by the block alone, see TreeFile.
            throw new EspalierException(
                    LogCore.NOT_FOUND,
                    "Byte " + position + " of log " + core.key() + " cannot be found: tree node "
                            + FlatTree.leftChild(found.node()) + " is not stored, though block " + block + " is.");
        } else {
            await(get(log, block), block, timeout);
        }
    }

    private EspalierException unknown(long position, ByteOffsets.Position found) {
        return new EspalierException(
                LogCore.NOT_FOUND,
                "Byte " + position + " of log " + core.key() + " was not found: it is in one of blocks "
                        + found.firstBlock() + " to " + (found.endBlock() - 1)
                        + ", and the tree nodes that tell in which are not stored here.");
    }

    /** Waits for a result of {@link #get}; no limit when {@code timeout} is null. */
    byte[] await(CompletableFuture<byte[]> result, long index, @Nullable Duration timeout) {
        return await(result, "Block " + index, timeout);
    }

    private <T> T await(CompletableFuture<T> result, String what, @Nullable Duration timeout) {
        try {
            return timeout == null ? result.get() : result.get(nanos(timeout), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            result.cancel(false);
            throw new EspalierException(
                    "ERR_TIMEOUT",
                    what + " of log " + core.key() + " did not arrive within " + timeout.toMillis() + " ms.",
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

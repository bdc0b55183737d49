package dev.espalier.log;

import java.util.concurrent.CompletableFuture;

/**
 * The seam through which a log asks for what it lacks. Replication fills it; without one, absent means absent.
 *
 * <p><b>Threading:</b> all methods may be called from any thread and do not block.
 */
public interface BlockSource {

    /** Whether there is anybody to ask, now or soon (a connection that is being opened counts). */
    boolean canAsk();

    /**
     * Asks for one block. Completes when it is stored here, exceptionally with an {@link
     * dev.espalier.merkle.EspalierException} when it cannot be had. Cancelling withdraws the wish.
     */
    CompletableFuture<Void> block(Log log, long index);

    /**
     * Asks for all absent blocks from {@code start} to {@code end} (exclusive; {@link Long#MAX_VALUE} follows the log
     * as it grows and never completes by itself). Cancelling withdraws the wish.
     */
    CompletableFuture<Void> range(Log log, long start, long end);

    /**
     * Asks all peers for the newest head. Completes when each peer now connected has said what it has and the newest
     * was fetched (or when nobody can be asked, at once); the value tells whether the head changed.
     */
    CompletableFuture<Boolean> update(Log log);
}

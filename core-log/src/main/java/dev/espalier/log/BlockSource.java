package dev.espalier.log;

import java.util.OptionalLong;
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
     * Asks for all of these blocks that are absent. Completes when they are held: never by itself when they are open-ended.
     * Cancelling withdraws the wish.
     */
    CompletableFuture<Void> blocks(Log log, Blocks blocks);

    /**
     * Asks for tree nodes that tell where a byte lies, down to two blocks or less. Completes when they are stored, or when
     * the log no longer has that byte; exceptionally when they cannot be had. Cancelling withdraws the wish.
     *
     * @param position among the bytes that count
     * @param padding bytes at the start of each block that do not count
     */
    CompletableFuture<Void> seek(Log log, long position, int padding);

    /** The longest run of blocks from 0 that one of the peers of a log said it holds, of the log's fork; 0 for none. */
    default long remoteContiguousLength(Log log) {
        return 0;
    }

    /**
     * Asks all peers for the newest head. Completes when each peer now connected has said what it has and the newest
     * was fetched (or when nobody can be asked, at once); the value tells whether the head changed.
     */
    CompletableFuture<Boolean> update(Log log);

    /**
     * The longest length that a connected peer has told of, in the log's present fork; empty when none has told of any, or
     * this source does not know.
     */
    default OptionalLong remoteLength(Log log) {
        return OptionalLong.empty();
    }
}

package dev.espalier.log;

import dev.espalier.merkle.Conflict;

/**
 * Hears of changes of a log right after they were published.
 *
 * <p><b>Threading:</b> called on the thread that made the change, with no lock of the log held. Must return quickly
 * and never call back into writing methods; hand over to a thread of your own.
 */
public interface LogListener {

    /** The head moved: the log was appended to here, or a newer signed head arrived. */
    default void headChanged(Log log) {}

    /** Blocks {@code start} to {@code start + count - 1} are now held here. */
    default void blocksStored(Log log, long start, long count) {}

    /** The log was truncated to {@code length}, or reorganised from there on; {@code fork} is the new fork. */
    default void truncated(Log log, long length, long fork) {}

    /** The data of blocks {@code start} to {@code start + count - 1} was given up here. */
    default void blocksCleared(Log log, long start, long count) {}

    /** The log turned out to be signed twice, and is frozen; see {@link Log#conflict}. */
    default void conflict(Log log, Conflict conflict) {}

    /**
     * A block of {@code bytes} stored bytes was handed to the connection with a peer, which had asked for it or gets it
     * pushed. Told on the connection's thread, unless the listener has an executor of its own.
     */
    default void blockSent(Log log, long index, int bytes) {}

    /** The last handle of somebody who uses the log was closed; {@linkplain Log#guest guests} keep it open. */
    default void unused(Log log) {}

    /** The log was closed: by its last handle, or with its store. Nothing is heard after this. */
    default void closed(Log log) {}
}

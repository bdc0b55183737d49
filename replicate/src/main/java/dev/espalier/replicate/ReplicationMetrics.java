package dev.espalier.replicate;

/**
 * Numbers of a {@link Replication} to be read at any time, by a dashboard say.
 *
 * <p><b>Threading:</b> any thread; costs a pass over the connections, and blocks nothing.
 */
public interface ReplicationMetrics {

    /** Connected peers whose handshake is over. */
    int peers();

    /** Bytes and blocks that went over all connections so far, ended ones included; never less than before. */
    Traffic traffic();

    /**
     * Nanoseconds from a request to its answer, smoothed for each peer: the median of those that were asked for
     * something; 0 as long as none was.
     */
    long roundTripNanos();

    /**
     * Bytes that were made for peers and wait for them to read, all connections together. For each connection at most
     * 1 MiB, and one batch of answers (256 KiB, or one block) on top.
     */
    long queuedBytes();

    /** Requests of peers that wait for earlier answers to be read, all connections together; 65,536 each at most. */
    int waitingRequests();
}

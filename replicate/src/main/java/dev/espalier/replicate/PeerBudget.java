package dev.espalier.replicate;

import dev.espalier.replicate.mux.MuxException;

/**
 * What one connection may make us remember, all its logs together.
 *
 * <p><b>Threading:</b> the event loop of the connection, {@link #requests} any thread.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
final class PeerBudget {

    /** Pages of bits, see {@link RemoteBlocks}: 8 MiB. */
    static final int MAX_PAGES = 2_048;

    /** Requests that wait for the connection to be writable. */
    static final int MAX_REQUESTS = 65_536;

    /** Trees that are compared with ours, each for the price of two signatures that are verified. */
    static final int MAX_COMPARED = 256;

    private int pages;
    private int compared;
    private volatile int requests;

    /** Whether there is room for one more page; takes it. */
    boolean takePage() {
        if (pages >= MAX_PAGES) {
            return false;
        }
        pages++;
        return true;
    }

    void givePages(int count) {
        pages -= count;
    }

    /**
     * Takes room for a request that waits.
     *
     * @throws MuxException when there is none
     */
    void takeRequest() {
        if (requests >= MAX_REQUESTS) {
            throw new MuxException("The peer has more than " + MAX_REQUESTS + " requests outstanding.");
        }
        requests++;
    }

    /**
     * Notes that a whole tree is compared with ours.
     *
     * @throws MuxException when that happens over and over
     */
    void takeComparison() {
        if (++compared > MAX_COMPARED) {
            throw new MuxException("The peer showed its whole tree more than " + MAX_COMPARED + " times.");
        }
    }

    /** Requests that wait now. */
    int requests() {
        return requests;
    }

    void giveRequests(int count) {
        requests -= count;
    }
}

package dev.espalier.replicate.mux;

/**
 * The other side opened its half of a channel and waits for ours. Must be answered sometime, by {@link #accept} or
 * {@link #reject}; until then its messages are held, and above 32 KiB reading pauses.
 *
 * <p><b>Threading:</b> the event loop of the mux; an answer that takes its time comes back by {@link Mux#execute}.
 */
public final class MuxRequest {

    private final Mux mux;
    final RemoteHalf half;

    MuxRequest(Mux mux, RemoteHalf half) {
        this.mux = mux;
        this.half = half;
    }

    /** The mux it came in on. */
    public Mux mux() {
        return mux;
    }

    /** The protocol's name. */
    public String protocol() {
        return half.name.protocol();
    }

    /** A copy of the id; empty if there is none. */
    public byte[] id() {
        return half.name.id().clone();
    }

    /** A copy of what the other side gave along; empty if nothing. */
    public byte[] handshake() {
        return half.handshake.clone();
    }

    /** Whether it still waits: not answered, the channel not opened by {@link Mux#open}, the connection alive. */
    public boolean isPending() {
        return mux.isWaiting(half);
    }

    /**
     * Opens our half; {@code onOpen} follows.
     *
     * @throws IllegalStateException when it does not wait any more
     */
    public MuxChannel accept(byte[] handshake, MuxChannel.Listener listener) {
        if (!isPending()) {
            throw new IllegalStateException("the request for " + half.name + " does not wait any more");
        }
        return mux.open(half.name.protocol(), half.name.id(), handshake, listener);
    }

    /** Refuses it; does nothing when it does not wait any more. */
    public void reject() {
        mux.reject(half);
    }
}

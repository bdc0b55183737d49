package dev.espalier.replicate.mux;

import io.netty.buffer.ByteBuf;

/**
 * One channel of a {@link Mux}: a pair of halves, one per side, for the same protocol and id (replication
 * specification §2).
 *
 * <p>Usable for sending from its creation: what is sent before the other side opened its half waits there. After {@link
 * #close} the same name can be opened again, with fresh state.
 *
 * <p><b>Threading:</b> the event loop of the mux, all methods.
 */
public final class MuxChannel {

    /** What happens on a channel. All calls come on the event loop of the mux and must not block. */
    public interface Listener {

        /**
         * Both halves are open; messages follow. Never called from within {@link Mux#open}.
         *
         * @param handshake what the other side gave along with its open; may be empty; valid during the call
         */
        void onOpen(MuxChannel channel, ByteBuf handshake);

        /**
         * A message.
         *
         * <p>An {@link dev.espalier.merkle.EspalierException} thrown from here, an {@link
         * dev.espalier.merkle.EncodingException} say, destroys the connection, as does any other exception.
         *
         * @param type the message type, 0 or more; types that are not known must be ignored
         * @param body its bytes; valid during the call, {@code retain()} it to keep it longer. Bytes left over are
         *     to be ignored
         */
        void onMessage(MuxChannel channel, int type, ByteBuf body);

        /** The channel is closed, once and for good; no other call follows. */
        void onClose(MuxChannel channel, CloseReason reason);

        /** {@link #isWritable} changed. */
        default void onWritabilityChanged(MuxChannel channel) {}

        /**
         * The messages that arrived together were all delivered; what was sent meanwhile is about to leave. The place
         * to do once per burst what need not be done per message.
         */
        default void onReadComplete(MuxChannel channel) {}
    }

    /** Why a channel is closed. */
    public enum CloseReason {
        /** {@link #close} was called here. */
        LOCAL,
        /** The other side closed it. */
        REMOTE,
        /** The other side did not want it. It may still open it itself later. */
        REJECTED,
        /** The connection ended; {@link Mux#failure} says why, if it was not in peace. */
        DISCONNECTED
    }

    final ChannelName name;
    final Listener listener;
    /** This side's number, from 1. */
    final long localId;
    /** The other side's number; 0 before it opened its half. */
    long remoteId;

    private final Mux mux;
    private boolean open;
    private boolean closed;

    MuxChannel(Mux mux, ChannelName name, long localId, Listener listener) {
        this.mux = mux;
        this.name = name;
        this.localId = localId;
        this.listener = listener;
    }

    /** The mux this is a channel of. */
    public Mux mux() {
        return mux;
    }

    /** The protocol's name. */
    public String protocol() {
        return name.protocol();
    }

    /** A copy of the id; empty if there is none. */
    public byte[] id() {
        return name.id().clone();
    }

    /** Whether both halves are open. */
    public boolean isOpen() {
        return open && !closed;
    }

    /** Whether it is closed, for whatever reason. */
    public boolean isClosed() {
        return closed;
    }

    /** Whether the connection takes more without queueing a lot; answers to requests should wait otherwise. */
    public boolean isWritable() {
        return !closed && mux.isWritable();
    }

    /**
     * Sends a message. Outside of {@link #cork} and of the delivery of incoming messages it leaves at once.
     *
     * @param type 0 or more
     * @param body its bytes, of which this takes over the reference, also when it fails; large ones are not copied
     *     before they are encrypted
     * @return {@link #isWritable} afterwards; false if the channel is closed and the message dropped
     * @throws IllegalArgumentException when the message does not fit into one frame
     */
    public boolean send(int type, ByteBuf body) {
        return mux.send(this, type, body);
    }

    /** As {@link Mux#cork}. */
    public void cork() {
        mux.cork();
    }

    /** As {@link Mux#uncork}. */
    public void uncork() {
        mux.uncork();
    }

    /** Closes both halves; no more messages are delivered. Closing twice is no mistake. */
    public void close() {
        mux.close(this);
    }

    @Override
    public String toString() {
        return "MuxChannel[" + name + (closed ? ", closed]" : open ? ", open]" : ", opening]");
    }

    void opened(ByteBuf handshake) {
        open = true;
        listener.onOpen(this, handshake);
    }

    /** Marks it closed; false if it was already. */
    boolean markClosed() {
        boolean first = !closed;
        closed = true;
        return first;
    }
}

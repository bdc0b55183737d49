package dev.espalier.replicate.mux;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The other side's half of a channel: an open that came in, and what came after it while our half is missing. */
final class RemoteHalf {

    /** What a held message counts beyond its bytes. */
    private static final int MESSAGE_COST = 512;

    record Held(long type, ByteBuf body) {}

    final long remoteId;
    final ChannelName name;
    final byte[] handshake;

    /** Our half; null while it is missing. */
    @Nullable
    MuxChannel channel;

    /** Whether our half has not been told of its opening yet; messages are held until then. */
    boolean holding = true;

    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private long heldCost;

    RemoteHalf(long remoteId, ChannelName name, byte[] handshake) {
        this.remoteId = remoteId;
        this.name = name;
        this.handshake = handshake;
    }

    /** Holds a message, whose reference this takes over; returns its cost. */
    long hold(long type, ByteBuf body) {
        long cost = MESSAGE_COST + (long) body.readableBytes();
        held.add(new Held(type, body));
        heldCost += cost;
        return cost;
    }

    /** Counts {@code bytes} as if they were a held message; returns their cost. */
    long hold(int bytes) {
        long cost = MESSAGE_COST + (long) bytes;
        heldCost += cost;
        return cost;
    }

    /** The next held message, or null; the reference goes to the caller. */
    @Nullable
    Held next() {
        return held.poll();
    }

    /** The cost of all held messages since the last call of this. */
    long takeCost() {
        long cost = heldCost;
        heldCost = 0;
        return cost;
    }

    /** Forgets all held messages; returns their cost. */
    long release() {
        for (Held message = held.poll(); message != null; message = held.poll()) {
            message.body.release();
        }
        return takeCost();
    }
}

package dev.espalier.replicate.mux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The halves of channels, ours and theirs, and the rules by which they pair up (replication specification §2).
 *
 * <p>Each side numbers its own halves densely from 1. A channel exists when both sides have opened a half of the same
 * name; one half at most per name and side.
 *
 * <pre>
 * open here ──────────► waits for their half ──► open ──► closed
 *                         │ rejected: closed
 *                         │ closed here: the close is sent when their answer came, the name is taken until then
 * open there ─► asked ──► waits for our half (messages are held) ──► open ──► closed
 *                 │ no handler, or rejected: forgotten
 * </pre>
 *
 * <p><b>Threading:</b> the event loop.
 */
final class MuxPairing {

    /** Messages held for lack of our half count 512 bytes more than they have; above this reading pauses. */
    static final int MAX_HELD = 32 * 1024;

    /** Most halves the other side may have had open at once. It costs us 8 bytes each. */
    static final int MAX_CHANNELS = 1 << 20;

    /** Most answers to control messages while the other side does not read. */
    static final int MAX_UNREAD_ANSWERS = 4096;

    private final Mux mux;

    /** Our halves by name: opening, open, or closed here while the other side's answer is outstanding. */
    private final Map<ChannelName, MuxChannel> channels = new HashMap<>();

    /** By our number - 1; null where free. */
    private final List<@Nullable MuxChannel> local = new ArrayList<>();

    /** Our numbers to be used again, the latest first. */
    private final ArrayDeque<Integer> free = new ArrayDeque<>();

    /** Halves of the other side that wait for ours. */
    private final Map<ChannelName, RemoteHalf> waiting = new HashMap<>();

    /** By their number - 1; null where free. */
    private final List<@Nullable RemoteHalf> remote = new ArrayList<>();

    /** Channels that became complete by {@link #open} and whose listener is to be told. */
    private final ArrayDeque<MuxChannel> completed = new ArrayDeque<>();

    /** Channels with messages since the last {@link #tellReadComplete}. */
    private final Set<MuxChannel> delivered = new LinkedHashSet<>();

    private boolean alive = true;
    private long held;
    private int unreadAnswers;

    MuxPairing(Mux mux) {
        this.mux = mux;
    }

    boolean isAlive() {
        return alive && mux.failure() == null;
    }

    /** Whether more is held than reading should go on with. */
    boolean holdsTooMuch() {
        return held > MAX_HELD;
    }

    // ---- this side

    boolean isOpen(ChannelName name) {
        return channels.containsKey(name);
    }

    boolean isWaiting(RemoteHalf half) {
        return waiting.get(half.name) == half;
    }

    /** Opens our half. {@link #tellCompleted} must follow, but not from within the caller's call. */
    MuxChannel open(ChannelName name, byte[] handshake, MuxChannel.Listener listener) {
        if (channels.containsKey(name)) {
            throw new IllegalStateException("the channel " + name + " is open already");
        }
        byte[] protocol = name.protocol().getBytes(StandardCharsets.UTF_8);
        int nameBytes = Math.max(protocol.length, name.id().length);
        if (nameBytes > MuxReader.MAX_NAME || handshake.length > MuxReader.MAX_HANDSHAKE) {
            throw new IllegalArgumentException("a name of " + nameBytes + " and a handshake of " + handshake.length
                    + " bytes, at most " + MuxReader.MAX_NAME + " and " + MuxReader.MAX_HANDSHAKE + " are possible");
        }
        Integer number = free.pollLast();
        if (number == null) {
            local.add(null);
            number = local.size();
        }
        MuxChannel channel = new MuxChannel(mux, name, number, listener);
        local.set(number - 1, channel);
        channels.put(name, channel);

        ByteBuf body = mux.alloc(3 * WireUint.MAX_BYTES + protocol.length + name.id().length + handshake.length);
        WireUint.write(body, number);
        WireUint.write(body, protocol.length);
        body.writeBytes(protocol);
        WireUint.write(body, name.id().length);
        body.writeBytes(name.id()).writeBytes(handshake);
        mux.writer().send(MuxReader.CONTROL, MuxReader.OPEN, body);

        RemoteHalf half = waiting.remove(name);
        if (half != null) {
            half.channel = channel;
            channel.remoteId = half.remoteId;
            completed.add(channel);
        }
        return channel;
    }

    void close(MuxChannel channel) {
        if (!channel.markClosed()) {
            return;
        }
        if (!alive) {
            tellClosed(channel, MuxChannel.CloseReason.DISCONNECTED);
            return;
        }
        // A close before the other side answered our open gets lost at published peers: it waits for the answer.
        if (channel.remoteId != 0) {
            forget(channel);
            answer(MuxReader.CLOSE, channel.localId);
        }
        tellClosed(channel, MuxChannel.CloseReason.LOCAL);
    }

    void reject(RemoteHalf half) {
        if (isWaiting(half)) {
            waiting.remove(half.name);
            remote.set((int) half.remoteId - 1, null);
            unhold(half.release());
            answer(MuxReader.REJECT, half.remoteId);
        }
    }

    // ---- the other side

    void onMessage(long remoteId, long type, ByteBuf body) {
        RemoteHalf half = half(remoteId);
        if (half == null) {
            return; // closed or rejected, and the peer did not know yet
        }
        if (half.holding) {
            hold(half.hold(type, mux.alloc(body.readableBytes()).writeBytes(body)));
        } else {
            deliver(half, type, body);
        }
    }

    void onOpen(long remoteId, ChannelName name, byte[] handshake) {
        if (remoteId == MuxReader.CONTROL) {
            answer(MuxReader.REJECT, MuxReader.CONTROL);
            return;
        }
        if (remoteId > MAX_CHANNELS) {
            throw new MuxException("The peer opened more than " + MAX_CHANNELS + " channels.");
        }
        int slot = (int) remoteId - 1;
        if (slot > remote.size() || half(remoteId) != null) {
            throw new MuxException("The peer opened a channel with the number " + remoteId + ", which is "
                    + (slot > remote.size() ? "too high" : "in use") + "; " + remote.size() + " were used so far.");
        }
        if (slot == remote.size()) {
            remote.add(null);
        }
        MuxChannel channel = channels.get(name);
        if (channel == null && !waiting.containsKey(name)) {
            ask(slot, new RemoteHalf(remoteId, name, handshake));
        } else if (channel == null || channel.remoteId != 0) {
            answer(MuxReader.REJECT, remoteId);
        } else {
            RemoteHalf half = new RemoteHalf(remoteId, name, handshake);
            half.channel = channel;
            channel.remoteId = remoteId;
            remote.set(slot, half);
            if (channel.isClosed()) {
                // Closed while the answer was outstanding; here it is.
                forget(channel);
                answer(MuxReader.CLOSE, channel.localId);
            } else {
                complete(half, channel);
            }
        }
    }

    private void ask(int slot, RemoteHalf half) {
        Mux.OpenHandler handler = mux.handler(half.name);
        if (handler == null) {
            answer(MuxReader.REJECT, half.remoteId);
            return;
        }
        remote.set(slot, half);
        waiting.put(half.name, half);
        // What came along with the open is held, too.
        hold(half.hold(half.handshake.length));
        handler.onRequest(new MuxRequest(mux, half));
    }

    void onReject(long localId) {
        MuxChannel channel = localId > 0 && localId <= local.size() ? local.get((int) localId - 1) : null;
        if (channel == null || channel.remoteId != 0) {
            throw new MuxException("The peer rejected channel " + localId + ", which does not wait for an answer.");
        }
        forget(channel);
        if (channel.markClosed()) {
            tellClosed(channel, MuxChannel.CloseReason.REJECTED);
        }
    }

    void onClose(long remoteId) {
        RemoteHalf half = half(remoteId);
        if (half == null) {
            return; // closed here at the same time
        }
        MuxChannel channel = half.channel;
        if (channel == null) {
            // Closed without waiting for our half. The reject tells the peer that it can use the number again.
            reject(half);
            return;
        }
        // If our half was opened just now, the listener hears of the opening first.
        tellCompleted();
        if (channel.markClosed()) {
            forget(channel);
            tellClosed(channel, MuxChannel.CloseReason.REMOTE);
        }
    }

    // ---- listeners

    /** Tells the listeners of channels that {@link #open} completed. */
    void tellCompleted() {
        for (MuxChannel channel = completed.poll(); channel != null; channel = completed.poll()) {
            RemoteHalf half = half(channel.remoteId);
            if (half != null && !channel.isClosed()) {
                complete(half, channel);
            }
        }
    }

    void tellReadComplete() {
        for (MuxChannel channel : List.copyOf(delivered)) {
            if (!channel.isClosed()) {
                channel.listener.onReadComplete(channel);
            }
        }
        delivered.clear();
    }

    void tellWritability() {
        if (mux.isWritable()) {
            unreadAnswers = 0;
        }
        for (MuxChannel channel : List.copyOf(channels.values())) {
            if (!channel.isClosed()) {
                channel.listener.onWritabilityChanged(channel);
            }
        }
    }

    /** The connection is over: closes everything, whatever a listener does. */
    void end() {
        alive = false;
        for (MuxChannel channel : List.copyOf(channels.values())) {
            if (channel.markClosed()) {
                try {
                    tellClosed(channel, MuxChannel.CloseReason.DISCONNECTED);
                } catch (RuntimeException e) {
                    mux.listenerFailed(channel, e);
                }
            }
        }
        for (RemoteHalf half : remote) {
            if (half != null) {
                half.release();
            }
        }
        channels.clear();
        local.clear();
        waiting.clear();
        remote.clear();
        completed.clear();
        delivered.clear();
    }

    private void complete(RemoteHalf half, MuxChannel channel) {
        channel.opened(Unpooled.wrappedBuffer(half.handshake));
        for (RemoteHalf.Held next = half.next(); next != null; next = half.next()) {
            try {
                deliver(half, next.type(), next.body());
            } finally {
                next.body().release();
            }
        }
        half.holding = false;
        unhold(half.takeCost());
    }

    private void deliver(RemoteHalf half, long type, ByteBuf body) {
        MuxChannel channel = half.channel;
        if (channel != null && !channel.isClosed() && type <= Integer.MAX_VALUE) {
            delivered.add(channel);
            channel.listener.onMessage(channel, (int) type, body);
        }
    }

    private void tellClosed(MuxChannel channel, MuxChannel.CloseReason reason) {
        delivered.remove(channel);
        channel.listener.onClose(channel, reason);
    }

    // ---- numbers

    private @Nullable RemoteHalf half(long remoteId) {
        return remoteId > 0 && remoteId <= remote.size() ? remote.get((int) remoteId - 1) : null;
    }

    /** Frees the numbers of a channel that is closed on both sides, or rejected. */
    private void forget(MuxChannel channel) {
        if (channel.remoteId != 0) {
            RemoteHalf half = remote.set((int) channel.remoteId - 1, null);
            if (half != null) {
                unhold(half.release());
            }
        }
        local.set((int) channel.localId - 1, null);
        free.addLast((int) channel.localId);
        channels.remove(channel.name);
    }

    private void answer(int type, long number) {
        if (!mux.isWritable() && ++unreadAnswers > MAX_UNREAD_ANSWERS) {
            mux.destroy(new MuxException("The peer opens channels without reading the answers."));
            return;
        }
        ByteBuf body = mux.alloc(WireUint.MAX_BYTES);
        WireUint.write(body, number);
        mux.writer().send(MuxReader.CONTROL, type, body);
    }

    private void hold(long cost) {
        held += cost;
        mux.updateReading();
    }

    private void unhold(long cost) {
        held -= cost;
        mux.updateReading();
    }
}

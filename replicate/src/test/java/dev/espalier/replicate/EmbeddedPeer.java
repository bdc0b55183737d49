package dev.espalier.replicate;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.secret.SecretSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A connection of a store without sockets and encryption: frames go in and out by hand. */
@SuppressWarnings("FutureReturnValueIgnored") // an embedded channel closes at once
final class EmbeddedPeer implements AutoCloseable {

    /** A message on a channel; channel 0 is control. */
    @SuppressWarnings("ArrayRecordComponent") // compared by hex() where it is compared
    record Wire(long channel, long type, byte[] body) {

        /** The message of a log channel. */
        @Nullable
        LogMessage message() {
            return LogMessage.decode((int) type, new CompactReader(body));
        }

        String hex() {
            return Vectors.hex(body);
        }
    }

    final EmbeddedChannel channel = new EmbeddedChannel();
    final PeerConnection connection;
    final Replicator replicator;
    private final List<Wire> sent = new ArrayList<>();

    /** With a clock of its own that stands still. */
    EmbeddedPeer(LogStore store, boolean initiator, byte[] handshakeHash) {
        this(store, initiator, handshakeHash, () -> 0);
    }

    EmbeddedPeer(LogStore store, boolean initiator, byte[] handshakeHash, LongSupplier clock) {
        // Timers fire only when a test moves the clock.
        channel.freezeTime();
        replicator = Replicator.acquire(store, clock);
        Peers peers = new Peers(ReplicationOptions.defaults());
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("test", 1);
        connection = new PeerConnection(replicator, peers, channel, nowhere, initiator, () -> {});
        peers.add(connection);
        channel.pipeline().addLast(connection.mux());
        KeyPair pair = KeyPair.fromSeed(new byte[32]);
        channel.pipeline()
                .fireUserEventTriggered(
                        new SecretSession(initiator, pair.publicKey(), pair.publicKey(), handshakeHash));
        run();
    }

    /** Delivers one frame. */
    void receive(byte[] frame) {
        channel.writeInbound(Unpooled.directBuffer(frame.length).writeBytes(frame));
        run();
    }

    /** Delivers one message as a frame of its own. */
    void receive(Wire wire) {
        receive(new CompactWriter()
                .uint(wire.channel())
                .uint(wire.type())
                .raw(wire.body())
                .toByteArray());
    }

    /** Delivers one message on channel 1. */
    void receive(LogMessage message) {
        CompactWriter out = new CompactWriter().uint(1).uint(message.type());
        message.encode(out);
        receive(out.toByteArray());
    }

    /** Runs what was scheduled for now, and takes what was sent. */
    void run() {
        channel.runPendingTasks();
        for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
            sent.addAll(parse(ByteBufUtil.getBytes(frame)));
            frame.release();
        }
    }

    /** Lets the connection take more, or not. */
    void writable(boolean writable) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        run();
    }

    /** All that was sent so far, control messages left out. */
    List<Wire> messages() {
        run();
        return sent.stream().filter(wire -> wire.channel() != 0).toList();
    }

    /** All that was sent after the first {@code count} messages, control messages included. */
    List<Wire> sentAfter(int count) {
        run();
        return List.copyOf(sent.subList(count, sent.size()));
    }

    /** The control messages that were sent so far. */
    List<Wire> control() {
        run();
        return sent.stream().filter(wire -> wire.channel() == 0).toList();
    }

    /** All messages of one kind that were sent so far. */
    <T extends LogMessage> List<T> sent(Class<T> kind) {
        List<T> list = new ArrayList<>();
        for (Wire wire : messages()) {
            if (kind.isInstance(wire.message())) {
                list.add(kind.cast(wire.message()));
            }
        }
        return list;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() {
        channel.close();
        run();
        channel.finishAndReleaseAll();
        replicator.release();
    }

    /** The messages of a frame. */
    static List<Wire> parse(byte[] frame) {
        List<Wire> list = new ArrayList<>();
        CompactReader in = new CompactReader(frame);
        long id = in.uint();
        long type = in.uint();
        if (id != 0 || type != 0) {
            list.add(new Wire(id, type, rest(in)));
            return list;
        }
        long current = in.uint();
        while (in.remaining() > 0) {
            int length = in.uint("item", in.remaining());
            if (length == 0) {
                current = in.uint();
                continue;
            }
            CompactReader item = new CompactReader(in.fixed(length));
            list.add(new Wire(current, item.uint(), rest(item)));
        }
        return list;
    }

    private static byte[] rest(CompactReader in) {
        return in.fixed(in.remaining());
    }
}

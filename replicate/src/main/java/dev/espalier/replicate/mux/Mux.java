package dev.espalier.replicate.mux;

import dev.espalier.merkle.EspalierException;
import dev.espalier.replicate.secret.SecretSession;
import dev.espalier.replicate.secret.SecretStreamHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many channels over one connection of messages (replication specification §2).
 *
 * <p>A Netty handler: add it behind {@link SecretStreamHandler}. Channels can be opened from {@link Listener#onReady}
 * on, which comes with the session.
 *
 * <p>Messages that arrive together are delivered in one go, and what is sent meanwhile leaves together: in as few
 * frames and socket writes as it fits. {@link #cork} does the same for messages sent at other times.
 *
 * <p>A mistake of the peer, or an exception of a listener, ends this connection; {@link #failure} tells why.
 *
 * <p><b>Threading:</b> the channel's event loop, all methods but {@link #execute}. Others are refused.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be written or closed shows as an event of the channel
public final class Mux extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Mux.class);

    /** How long {@link #close} waits for a peer that does not read. */
    private static final long CLOSE_SECONDS = 5;

    /** What happens on a connection. All calls come on its event loop and must not block. */
    public interface Listener {

        /** Channels can be opened and handlers set; nothing was received yet. */
        void onReady(Mux mux, SecretSession session);

        /** The connection ended; its channels are closed. Comes also when it never became ready. */
        default void onClose(Mux mux) {}
    }

    /** Decides about channels that the other side opens. */
    public interface OpenHandler {

        /** Answers now, or keeps the request and answers later. */
        void onRequest(MuxRequest request);
    }

    private final Listener listener;
    private final MuxPairing pairing = new MuxPairing(this);
    private final MuxReader reader = new MuxReader(pairing);
    private final Map<ChannelName, OpenHandler> namedHandlers = new HashMap<>();
    private final Map<String, OpenHandler> protocolHandlers = new HashMap<>();

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable MuxWriter writer;
    private @Nullable SecretSession session;
    private @Nullable Throwable failure;
    /** Whether incoming messages are being delivered, and what is sent is gathered. */
    private boolean reading;

    private boolean closing;
    private boolean ended;
    private int pauses;
    private boolean tellingWritability;

    /** A mux for one connection. */
    public Mux(Listener listener) {
        this.listener = listener;
    }

    // ---- for the layer above

    /**
     * Opens our half of a channel. If the other side's half waits already, the channel is complete and {@code onOpen}
     * follows soon; otherwise it follows when the other side opens its half.
     *
     * @param protocol the name of the protocol, never an alias; at most 1 KiB
     * @param id tells channels of a protocol apart; may be empty, at most 1 KiB
     * @param handshake goes along with the open; may be empty, at most 64 KiB
     * @throws IllegalStateException when the channel is open or opening, or was closed while the other side had not
     *     answered and still has not ({@link #isOpen} tells), or when the connection is not ready or has ended
     */
    public MuxChannel open(String protocol, byte[] id, byte[] handshake, MuxChannel.Listener channelListener) {
        writer();
        MuxChannel channel = pairing.open(new ChannelName(protocol, id.clone()), handshake, channelListener);
        if (channel.remoteId != 0 && !reading) {
            execute(() -> guard(pairing::tellCompleted));
        }
        return channel;
    }

    /** Asks {@code handler} about channels of {@code protocol} with exactly this id; null to stop that. */
    public void onOpen(String protocol, byte[] id, @Nullable OpenHandler handler) {
        checkThread();
        ChannelName name = new ChannelName(protocol, id.clone());
        if (handler == null) {
            namedHandlers.remove(name);
        } else {
            namedHandlers.put(name, handler);
        }
    }

    /** Asks {@code handler} about channels of {@code protocol} whose id has no handler of its own; null to stop that. */
    public void onOpen(String protocol, @Nullable OpenHandler handler) {
        checkThread();
        if (handler == null) {
            protocolHandlers.remove(protocol);
        } else {
            protocolHandlers.put(protocol, handler);
        }
    }

    /** Whether {@link #open} would refuse this name: a channel of it is opening, open or not quite closed. */
    public boolean isOpen(String protocol, byte[] id) {
        checkThread();
        return pairing.isOpen(new ChannelName(protocol, id));
    }

    /** Gathers what is sent until the matching {@link #uncork}, to send it together. May be nested. */
    public void cork() {
        checkThread();
        if (!ended) {
            writer().cork(true);
        }
    }

    /** Ends {@link #cork}. Harmless when the connection ended meanwhile. */
    public void uncork() {
        checkThread();
        if (!ended) {
            writer().uncork();
        }
    }

    /** Whether the connection takes more without queueing a lot. */
    public boolean isWritable() {
        return session != null && !ended && transport().isWritable();
    }

    /** Stops reading from the connection, once more; what was read already is still delivered. */
    public void pauseReading() {
        checkThread();
        pauses++;
        updateReading();
    }

    /** Undoes one {@link #pauseReading}. */
    public void resumeReading() {
        checkThread();
        if (pauses == 0) {
            throw new IllegalStateException("resume without pause");
        }
        pauses--;
        updateReading();
    }

    /**
     * Who talks to whom.
     *
     * @throws IllegalStateException before the connection is ready
     */
    public SecretSession session() {
        SecretSession current = session;
        if (current == null) {
            throw new IllegalStateException("the connection is not ready");
        }
        return current;
    }

    /** The connection below, for its addresses and attributes. */
    public Channel transport() {
        return context().channel();
    }

    /** Runs a task on the event loop, soon; may be called from any thread, and for an ended connection, too. */
    public void execute(Runnable task) {
        context().executor().execute(task);
    }

    /** Ends the connection in peace, once what was sent has left, but after 5 s at the latest. */
    public void close() {
        checkThread();
        MuxWriter out = writer;
        if (ended || closing || session == null || out == null) {
            context().close();
            return;
        }
        closing = true;
        out.flushAll();
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        context().executor().schedule(() -> context().close(), CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends the connection because of {@code cause}. */
    public void destroy(Throwable cause) {
        checkThread();
        fail(cause);
    }

    /** Why the connection ended; null while it has not, or when it ended in peace. */
    public @Nullable Throwable failure() {
        return failure;
    }

    // ---- for channels, requests and the pairing

    boolean send(MuxChannel channel, int type, ByteBuf body) {
        if (!context().executor().inEventLoop() || type < 0) {
            body.release();
            checkThread();
            throw new IllegalArgumentException("a message of type " + type);
        }
        if (channel.isClosed() || ended) {
            body.release();
            return false;
        }
        writer().send(channel.localId, type, body);
        return isWritable();
    }

    void close(MuxChannel channel) {
        checkThread();
        pairing.close(channel);
    }

    boolean isWaiting(RemoteHalf half) {
        checkThread();
        return pairing.isWaiting(half);
    }

    void reject(RemoteHalf half) {
        checkThread();
        pairing.reject(half);
    }

    @Nullable
    OpenHandler handler(ChannelName name) {
        OpenHandler named = namedHandlers.get(name);
        return named != null ? named : protocolHandlers.get(name.protocol());
    }

    /** Where messages go. */
    MuxWriter writer() {
        checkThread();
        MuxWriter out = writer;
        if (ended || out == null || session == null) {
            throw new IllegalStateException("the connection " + (ended ? "has ended" : "is not ready"));
        }
        return out;
    }

    ByteBuf alloc(int bytes) {
        return context().alloc().directBuffer(bytes);
    }

    void updateReading() {
        transport().config().setAutoRead(pauses == 0 && !pairing.holdsTooMuch());
    }

    void listenerFailed(MuxChannel channel, RuntimeException cause) {
        LOG.warn("a listener of {} failed", channel, cause);
    }

    // ---- events of the connection

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        writer = new MuxWriter(context);
        SecretStreamHandler secret = context.pipeline().get(SecretStreamHandler.class);
        if (secret != null && secret.session() != null) {
            ready(secret.session());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SecretSession opened && session == null) {
            ready(opened);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        try {
            if (ended || failure != null) {
                return;
            }
            if (!reading) {
                reading = true;
                writer().cork(false);
            }
            reader.read(frame);
        } catch (RuntimeException e) {
            fail(e);
        } finally {
            frame.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (reading) {
            guard(pairing::tellReadComplete);
            guard(pairing::tellCompleted);
            reading = false;
            if (!ended) {
                writer().uncork();
            }
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        // Netty reports it in the middle of a write, ours or a listener's; listeners hear of it afterwards.
        if (!tellingWritability) {
            tellingWritability = true;
            execute(() -> {
                tellingWritability = false;
                guard(pairing::tellWritability);
            });
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    private void ready(SecretSession opened) {
        session = opened;
        guard(() -> listener.onReady(this, opened));
    }

    /** Runs what may call listeners or read foreign bytes; what it throws ends the connection. */
    private void guard(Runnable work) {
        if (ended || failure != null) {
            return;
        }
        try {
            work.run();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        if (ended || failure != null) {
            return;
        }
        failure = cause;
        if (cause instanceof EspalierException) {
            LOG.debug("connection with {} ends: {}", transport().remoteAddress(), cause.getMessage());
        } else if (cause instanceof IOException) {
            LOG.debug("connection with {} broke: {}", transport().remoteAddress(), cause.toString());
        } else {
            LOG.warn("connection with {} ends because of a failure", transport().remoteAddress(), cause);
        }
        context().close();
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        pairing.end();
        if (writer != null) {
            writer.release();
        }
        listener.onClose(this);
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext current = ctx;
        if (current == null) {
            throw new IllegalStateException("the mux is not part of a pipeline yet");
        }
        return current;
    }

    private void checkThread() {
        if (!context().executor().inEventLoop()) {
            throw new IllegalStateException("called outside the event loop of the connection; use execute()");
        }
    }
}

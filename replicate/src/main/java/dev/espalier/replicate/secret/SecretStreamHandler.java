package dev.espalier.replicate.secret;

import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Namespaces;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns a byte stream into an encrypted stream of messages: handshake, header, then one ciphertext per message
 * (replication specification §1).
 *
 * <p>Add it first to the pipeline of any stream channel. Above it every {@link ByteBuf} is one plaintext, of at most
 * {@link #MAX_PLAINTEXT} bytes, in both directions. When writing is possible a {@link SecretSession} is fired as a user
 * event; what is written earlier waits. A plaintext that is read lies in the memory its ciphertext arrived in; one
 * that is written is encrypted from where it lies (mapped memory too) straight into the outgoing direct buffer.
 *
 * <p>Whatever breaks the rules ends the connection: a {@link SecretStreamException} is fired through the pipeline, then
 * the channel is closed. Empty messages keep the connection alive and are dropped on arrival.
 *
 * <p><b>Threading:</b> the channel's event loop; one instance per channel.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be written or closed shows as an event of the channel
public final class SecretStreamHandler extends ChannelDuplexHandler {

    /** Longest plaintext in bytes. */
    public static final int MAX_PLAINTEXT = FrameDecoder.MAX_BODY - SecretStreamPush.OVERHEAD;

    private static final String NAMESPACE = "hyperswarm/secret-stream";
    private static final byte[] NS_INITIATOR = Namespaces.of(NAMESPACE, 0).bytes();
    private static final byte[] NS_RESPONDER = Namespaces.of(NAMESPACE, 1).bytes();
    private static final int ID_BYTES = 32;
    private static final int HEADER_BYTES = ID_BYTES + SecretStreamPush.HEADER_BYTES;
    private static final byte[] NO_PAYLOAD = {};

    private final SecretStreamOptions options;
    private final FrameDecoder frames = new FrameDecoder(NoiseHandshake.MAX_MESSAGE);
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private boolean started;
    private @Nullable NoiseHandshake handshake;
    private @Nullable SessionKeys keys;
    private @Nullable SecretSession session;
    private @Nullable SecretStreamPush push;
    private @Nullable SecretStreamPull pull;
    private boolean failed;

    private @Nullable Future<?> handshakeTimer;
    private @Nullable Future<?> keepAliveTimer;
    private long lastWrite;

    private record Waiting(ByteBuf plain, ChannelPromise promise) {}

    /** A handler for one channel. */
    public SecretStreamHandler(SecretStreamOptions options) {
        this.options = options;
    }

    /** The stream id one side sends in its header. */
    static byte[] streamId(byte[] handshakeHash, boolean initiator) {
        return Blake2b.keyed(handshakeHash, initiator ? NS_INITIATOR : NS_RESPONDER);
    }

    /** Who talks to whom; null before the handshake is over. */
    public @Nullable SecretSession session() {
        return session;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addBefore(ctx.name(), null, frames);
        if (ctx.channel().isActive()) {
            // Later, so that handlers added along with this one see the session.
            ctx.executor().execute(() -> start(ctx));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop(new ClosedChannelException());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (pull == null && !failed) {
            failed = true;
            ctx.fireExceptionCaught(new SecretStreamException(
                    SecretStreamException.HANDSHAKE, "The peer closed the connection before the handshake was over."));
        }
        stop(new ClosedChannelException());
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException && cause.getCause() instanceof SecretStreamException e) {
            fail(ctx, e);
        } else if (cause instanceof SecretStreamException e) {
            fail(ctx, e);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        start(ctx);
        if (failed) {
            frame.release();
            return;
        }
        if (pull != null) {
            readCiphertext(ctx, pull, frame);
            return;
        }
        try {
            if (keys == null) {
                readHandshake(ctx, ByteBufUtil.getBytes(frame));
            } else {
                readHeader(keys, frame);
            }
        } catch (SecretStreamException e) {
            fail(ctx, e);
        } finally {
            frame.release();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf plain)) {
            ReferenceCountUtil.release(message);
            promise.setFailure(new IllegalArgumentException(
                    "expected a ByteBuf, found " + message.getClass().getName()));
            return;
        }
        if (plain.readableBytes() > MAX_PLAINTEXT) {
            promise.setFailure(new IllegalArgumentException(
                    "a message of " + plain.readableBytes() + " bytes, at most " + MAX_PLAINTEXT + " are possible"));
            plain.release();
        } else if (failed) {
            promise.setFailure(new ClosedChannelException());
            plain.release();
        } else if (push == null) {
            waiting.add(new Waiting(plain, promise));
        } else {
            writeCiphertext(ctx, push, plain, promise);
        }
    }

    private void start(ChannelHandlerContext ctx) {
        if (started || ctx.isRemoved()) {
            return;
        }
        started = true;
        long timeout = options.handshakeTimeout.toNanos();
        if (timeout > 0) {
            handshakeTimer = ctx.executor().schedule(() -> timedOut(ctx), timeout, TimeUnit.NANOSECONDS);
        }
        if (options.session != null) {
            open(ctx, options.session);
            return;
        }
        byte[] seed = new byte[KeyPair.BYTES];
        options.random.nextBytes(seed);
        KeyPair ephemeral = KeyPair.fromSeed(seed);
        KeyPair local = options.keyPair == null ? KeyPair.random() : options.keyPair;
        NoiseHandshake noise = new NoiseHandshake(
                options.pattern, options.initiator, local, ephemeral, options.remotePublicKey, NO_PAYLOAD);
        handshake = noise;
        if (options.initiator) {
            try {
                continueHandshake(ctx, noise);
            } catch (SecretStreamException e) {
                // Pattern IK with a remote key that is no point.
                fail(ctx, e);
            }
        }
    }

    private void readHandshake(ChannelHandlerContext ctx, byte[] message) {
        NoiseHandshake noise = handshake;
        if (noise == null) {
            throw new IllegalStateException("a handshake frame after the handshake");
        }
        if (TrustedLinkHandler.isHello(message)) {
            // An empty frame is no hello: it tells the other side what it has met.
            ctx.writeAndFlush(
                    ctx.alloc().directBuffer(FrameDecoder.LENGTH_BYTES).writeMediumLE(0));
            throw new SecretStreamException(
                    SecretStreamException.TRANSPORT,
                    "The peer offers a trusted link, without encryption; this side encrypts. Both must ask for the same.");
        }
        noise.read(message);
        continueHandshake(ctx, noise);
    }

    private void continueHandshake(ChannelHandlerContext ctx, NoiseHandshake noise) {
        if (noise.isWriting()) {
            byte[] message = noise.write(NO_PAYLOAD);
            ctx.write(ctx.alloc()
                    .directBuffer(FrameDecoder.LENGTH_BYTES + message.length)
                    .writeMediumLE(message.length)
                    .writeBytes(message));
        }
        if (noise.isComplete()) {
            handshake = null;
            open(ctx, noise.keys());
        } else {
            ctx.flush();
        }
    }

    /** Sends the header; from here on plaintexts can be written. */
    private void open(ChannelHandlerContext ctx, SessionKeys newKeys) {
        keys = newKeys;
        SecretSession opened = newKeys.session();
        byte[] header = new byte[SecretStreamPush.HEADER_BYTES];
        options.random.nextBytes(header);
        ctx.write(ctx.alloc()
                .directBuffer(FrameDecoder.LENGTH_BYTES + HEADER_BYTES)
                .writeMediumLE(HEADER_BYTES)
                .writeBytes(streamId(opened.handshakeHash(), opened.initiator()))
                .writeBytes(header));
        SecretStreamPush out = new SecretStreamPush(newKeys.sendKey(), header);
        push = out;
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            writeCiphertext(ctx, out, next.plain, next.promise);
        }
        ctx.flush();
        lastWrite = ctx.executor().ticker().nanoTime();
        scheduleKeepAlive(ctx, options.keepAlive.toNanos());
        session = opened;
        ctx.fireUserEventTriggered(opened);
    }

    private void readHeader(SessionKeys known, ByteBuf frame) {
        if (frame.readableBytes() != HEADER_BYTES) {
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE,
                    "Handshake refused: a header of " + frame.readableBytes() + " bytes, expected " + HEADER_BYTES
                            + ".");
        }
        byte[] id = new byte[ID_BYTES];
        frame.readBytes(id);
        if (!MessageDigest.isEqual(
                id, streamId(known.session().handshakeHash(), !known.session().initiator()))) {
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE, "Handshake refused: the header belongs to another stream.");
        }
        byte[] header = new byte[SecretStreamPush.HEADER_BYTES];
        frame.readBytes(header);
        pull = new SecretStreamPull(known.receiveKey(), header);
        frames.maxBody(FrameDecoder.MAX_BODY);
        cancel(handshakeTimer);
    }

    private void readCiphertext(ChannelHandlerContext ctx, SecretStreamPull in, ByteBuf frame) {
        ByteBuf own = frame;
        if (frame.isReadOnly() || frame.nioBufferCount() != 1) {
            own = ctx.alloc().directBuffer(frame.readableBytes()).writeBytes(frame);
            frame.release();
        }
        try {
            in.decrypt(own.nioBuffer());
        } catch (SecretStreamException e) {
            own.release();
            fail(ctx, e);
            return;
        }
        int length = own.readableBytes() - SecretStreamPush.OVERHEAD;
        if (length == 0) {
            own.release();
            return;
        }
        int start = own.readerIndex() + 1;
        ctx.fireChannelRead(own.setIndex(start, start + length));
    }

    private void writeCiphertext(
            ChannelHandlerContext ctx, SecretStreamPush out, ByteBuf plain, ChannelPromise promise) {
        int body = plain.readableBytes() + SecretStreamPush.OVERHEAD;
        ByteBuf target = ctx.alloc().directBuffer(FrameDecoder.LENGTH_BYTES + body);
        try {
            target.writeMediumLE(body);
            ByteBuffer room = target.nioBuffer(FrameDecoder.LENGTH_BYTES, body);
            out.encrypt(SecretStreamPush.MESSAGE, plain.nioBuffers(), room);
            target.writerIndex(FrameDecoder.LENGTH_BYTES + body);
        } catch (RuntimeException e) {
            target.release();
            promise.setFailure(e);
            throw e;
        } finally {
            plain.release();
        }
        lastWrite = ctx.executor().ticker().nanoTime();
        ctx.write(target, promise);
    }

    private void scheduleKeepAlive(ChannelHandlerContext ctx, long delay) {
        if (options.keepAlive.isZero() || failed) {
            return;
        }
        keepAliveTimer = ctx.executor().schedule(() -> keepAlive(ctx), delay, TimeUnit.NANOSECONDS);
    }

    private void keepAlive(ChannelHandlerContext ctx) {
        SecretStreamPush out = push;
        if (out == null || failed || !ctx.channel().isActive()) {
            return;
        }
        long interval = options.keepAlive.toNanos();
        long left = interval - (ctx.executor().ticker().nanoTime() - lastWrite);
        if (left <= 0) {
            writeCiphertext(ctx, out, Unpooled.EMPTY_BUFFER, ctx.newPromise());
            ctx.flush();
            left = interval;
        }
        scheduleKeepAlive(ctx, left);
    }

    private void timedOut(ChannelHandlerContext ctx) {
        if (pull == null) {
            fail(
                    ctx,
                    new SecretStreamException(
                            SecretStreamException.TIMEOUT,
                            "The handshake with the peer was not over after " + options.handshakeTimeout.toMillis()
                                    + " ms."));
        }
    }

    private void fail(ChannelHandlerContext ctx, SecretStreamException cause) {
        if (failed) {
            return;
        }
        failed = true;
        ctx.fireExceptionCaught(cause);
        ctx.close();
        stop(cause);
    }

    private void stop(Throwable cause) {
        cancel(handshakeTimer);
        cancel(keepAliveTimer);
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            next.plain.release();
            next.promise.tryFailure(cause);
        }
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}

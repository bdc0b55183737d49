package dev.espalier.replicate.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Key;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What takes the place of {@link SecretStreamHandler} on a trusted link: frames of plain messages after a hello from each
 * side, of 96 bytes.
 *
 * <pre>
 * 0   "espalier trusted link: plain, 1"
 * 31  1 from the side that connected, 0 from the other
 * 32  identity, an Ed25519 public key; claimed, not proven
 * 64  32 random bytes
 * </pre>
 *
 * <p>Bytes 0 to 31 are where a Noise message has its ephemeral key, and are no point of the curve: a peer that encrypts
 * fails at the first key exchange. The handshake hash, from which capabilities of logs follow, is BLAKE2b-512 of both
 * hellos, the connecting side's first. An empty frame keeps the connection alive.
 *
 * <p>What is written goes on as it lies, mapped memory too, and is released when the socket has taken all of it. Read and
 * used like {@link SecretStreamHandler}: {@link SecretSession} as event, {@link SecretStreamException} for what breaks the
 * rules. Nothing must be written before the session.
 *
 * <p><b>Threading:</b> the channel's event loop; one instance per channel.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be written or closed shows as an event of the channel
public final class TrustedLinkHandler extends ChannelDuplexHandler {

    private static final byte[] MAGIC = "espalier trusted link: plain, 1".getBytes(US_ASCII);
    private static final int NONCE_BYTES = 32;
    private static final int KEY_AT = MAGIC.length + 1;
    private static final int HELLO_BYTES = KEY_AT + Key.BYTES + NONCE_BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final boolean initiator;
    private final Key identity;
    private final byte[] hello;
    private final FrameDecoder frames = new FrameDecoder(NoiseHandshake.MAX_MESSAGE);

    private @Nullable Future<?> timer;
    private boolean started;
    private boolean ready;
    private boolean failed;

    /** A handler for one channel that tells the other side this identity. */
    public TrustedLinkHandler(boolean initiator, Key identity) {
        this.initiator = initiator;
        this.identity = identity;
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        hello = Arrays.copyOf(MAGIC, HELLO_BYTES);
        hello[MAGIC.length] = (byte) (initiator ? 1 : 0);
        System.arraycopy(identity.bytes(), 0, hello, KEY_AT, Key.BYTES);
        System.arraycopy(nonce, 0, hello, KEY_AT + Key.BYTES, NONCE_BYTES);
    }

    /** Whether a first frame is that of a trusted link. */
    static boolean isHello(byte[] frame) {
        return frame.length >= MAGIC.length && Arrays.equals(frame, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        long keepAlive = SecretStreamOptions.DEFAULT_KEEP_ALIVE.toMillis();
        ctx.pipeline()
                .addBefore(ctx.name(), null, frames)
                .addBefore(ctx.name(), null, new IdleStateHandler(0, keepAlive, 0, TimeUnit.MILLISECONDS));
        if (ctx.channel().isActive()) {
            // Later, so that handlers added along with this one see the session.
            ctx.executor().execute(() -> start(ctx));
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopTimer();
        if (!ready && !failed) {
            failed = true;
            ctx.fireExceptionCaught(new SecretStreamException(
                    SecretStreamException.HANDSHAKE,
                    "The peer closed the connection before its hello. Does it take trusted links, and one peer more?"));
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopTimer();
    }

    private void start(ChannelHandlerContext ctx) {
        if (started || ctx.isRemoved()) {
            return;
        }
        started = true;
        timer = ctx.executor()
                .schedule(
                        () -> fail(
                                ctx,
                                new SecretStreamException(
                                        SecretStreamException.TIMEOUT, "The peer sent no hello of a trusted link.")),
                        SecretStreamOptions.DEFAULT_HANDSHAKE_TIMEOUT.toNanos(),
                        TimeUnit.NANOSECONDS);
        ctx.writeAndFlush(ctx.alloc()
                .directBuffer(FrameDecoder.LENGTH_BYTES + HELLO_BYTES)
                .writeMediumLE(HELLO_BYTES)
                .writeBytes(hello));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        start(ctx);
        if (ready && !failed && frame.isReadable()) {
            ctx.fireChannelRead(frame);
            return;
        }
        try {
            if (!ready && !failed) {
                readHello(ctx, ByteBufUtil.getBytes(frame));
            }
        } catch (SecretStreamException e) {
            fail(ctx, e);
        } finally {
            frame.release();
        }
    }

    private void readHello(ChannelHandlerContext ctx, byte[] theirs) {
        if (!isHello(theirs)) {
            throw new SecretStreamException(
                    SecretStreamException.TRANSPORT,
                    "The peer encrypts, or is no peer; this side is for trusted links. Both must ask for the same.");
        }
        if (theirs.length != HELLO_BYTES || theirs[MAGIC.length] != (initiator ? 0 : 1)) {
            throw new SecretStreamException(
                    SecretStreamException.HANDSHAKE, "Handshake refused: a hello of the wrong length or role.");
        }
        Key remote = Key.of(Arrays.copyOfRange(theirs, KEY_AT, KEY_AT + Key.BYTES));
        byte[] hash = new Blake2b(Blake2b.MAX_BYTES)
                .update(initiator ? hello : theirs, initiator ? theirs : hello)
                .digest();
        ready = true;
        stopTimer();
        frames.maxBody(FrameDecoder.MAX_BODY);
        ctx.fireUserEventTriggered(new SecretSession(initiator, identity, remote, hash));
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf plain)) {
            ReferenceCountUtil.release(message);
            promise.setFailure(new IllegalArgumentException(
                    "expected a ByteBuf, found " + message.getClass().getName()));
        } else if (!ready || failed) {
            plain.release();
            promise.setFailure(new ClosedChannelException());
        } else if (!plain.isReadable()) {
            // Mux.close waits for what was written before.
            ctx.write(plain, promise);
        } else {
            ctx.write(PlainFrame.of(ctx.alloc(), plain), promise);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            if (ready && !failed) {
                ctx.writeAndFlush(
                        ctx.alloc().directBuffer(FrameDecoder.LENGTH_BYTES).writeMediumLE(0));
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable known = cause instanceof DecoderException ? cause.getCause() : cause;
        if (known instanceof SecretStreamException e) {
            fail(ctx, e);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    private void fail(ChannelHandlerContext ctx, SecretStreamException cause) {
        if (!failed) {
            failed = true;
            stopTimer();
            ctx.fireExceptionCaught(cause);
            ctx.close();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}

package dev.espalier.replicate;

import dev.espalier.merkle.EspalierException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one TCP connection to an address: connects, and connects again when it ends, waiting longer after each failure.
 *
 * <p><b>Threading:</b> {@link #address} and {@link #close} any thread, all else one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // timers and tasks of the event loop need no answer
final class TcpDialer implements Endpoint {

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final Replicator replicator;
    private final Peers peers;
    private final InetSocketAddress address;
    private final ReplicationOptions options;
    private final EventLoop loop;

    private Duration wait;
    /** When the connection was encrypted; 0 before. */
    private long readyAt;

    private @Nullable Future<?> retry;
    private @Nullable ChannelFuture attempt;
    /** Whether updates wait for us. */
    private boolean pending;

    private boolean closed;

    /** Starts connecting. */
    TcpDialer(Replicator replicator, Peers peers, InetSocketAddress address, ReplicationOptions options) {
        this.replicator = replicator;
        this.peers = peers;
        this.address = address;
        this.options = options;
        this.wait = options.retryAfter();
        this.loop = replicator.group().next();
        if (options.rules().downloads()) {
            replicator.wayOpened();
        }
        replicator.connectBegan();
        pending = true;
        loop.execute(this::connect);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        Future<?> done = loop.submit(this::giveUp);
        if (!loop.inEventLoop()) {
            done.awaitUninterruptibly();
        }
    }

    private void connect() {
        if (closed) {
            return;
        }
        retry = null;
        // A name that could not be resolved once may be later.
        InetSocketAddress target =
                address.isUnresolved() ? new InetSocketAddress(address.getHostString(), address.getPort()) : address;
        attempt = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        TcpChannels.configure(channel);
                    }
                })
                .connect(target);
        attempt.addListener((ChannelFuture future) -> {
            if (future.isSuccess()) {
                connected(future.channel());
            } else {
                failed(future.cause());
            }
        });
    }

    private void connected(Channel channel) {
        attempt = null;
        if (closed) {
            channel.close();
            return;
        }
        PeerConnection connection = new PeerConnection(replicator, peers, channel, address, true, this::ready);
        peers.add(connection);
        channel.closeFuture().addListener(future -> lost());
        connection.install();
    }

    private void ready() {
        readyAt = loop.ticker().nanoTime();
        settle();
    }

    private void failed(Throwable cause) {
        attempt = null;
        if (closed) {
            return;
        }
        EspalierException failure = new EspalierException(
                "ERR_CONNECT_FAILED", "Cannot connect to " + address + ": " + cause.getMessage(), cause);
        peers.connectFailed(address, failure, options.reconnect() ? wait : null);
        again();
    }

    private void lost() {
        if (!closed) {
            // Whoever lets us in and then throws us out is not asked more often for that.
            if (readyAt != 0
                    && loop.ticker().nanoTime() - readyAt
                            >= options.retryAtMost().toNanos()) {
                wait = options.retryAfter();
            }
            readyAt = 0;
            if (options.reconnect() && !pending) {
                pending = true;
                replicator.connectBegan();
            }
            again();
        }
    }

    private void again() {
        if (!options.reconnect()) {
            giveUp();
            return;
        }
        retry = loop.schedule(this::connect, wait.toNanos(), TimeUnit.NANOSECONDS);
        Duration longer = wait.multipliedBy(2);
        wait = longer.compareTo(options.retryAtMost()) > 0 ? options.retryAtMost() : longer;
    }

    private void giveUp() {
        if (closed) {
            return;
        }
        closed = true;
        if (retry != null) {
            retry.cancel(false);
        }
        if (attempt != null) {
            attempt.channel().close();
        }
        if (options.rules().downloads()) {
            replicator.wayClosed();
        }
        settle();
    }

    private void settle() {
        if (pending) {
            pending = false;
            replicator.connectEnded();
        }
    }
}

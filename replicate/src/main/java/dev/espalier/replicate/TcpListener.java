package dev.espalier.replicate;

import dev.espalier.merkle.EspalierException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts peers on a TCP address. <b>Threading:</b> any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // timers and tasks of the event loop need no answer
final class TcpListener implements Endpoint {

    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);

    private static final int BACKLOG = 256;

    private final Replicator replicator;
    private final ReplicationOptions options;
    private final Channel server;

    /** Listens from now on. */
    TcpListener(Replicator replicator, Peers peers, InetSocketAddress address, ReplicationOptions options) {
        this.replicator = replicator;
        this.options = options;
        ChannelFuture bound = new ServerBootstrap()
                .group(replicator.group())
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (peers.count() >= options.maxPeers()) {
                            LOG.debug(
                                    "turned {} away: {} peers are connected",
                                    channel.remoteAddress(),
                                    options.maxPeers());
                            channel.close();
                            return;
                        }
                        TcpChannels.configure(channel);
                        PeerConnection connection = new PeerConnection(
                                replicator, peers, channel, channel.remoteAddress(), false, () -> {});
                        peers.add(connection);
                        connection.install();
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new EspalierException(
                    "ERR_LISTEN_FAILED",
                    "Cannot listen on " + address + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        server = bound.channel();
        if (options.rules().downloads()) {
            replicator.wayOpened();
        }
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    @Override
    public void close() {
        if (options.rules().downloads()) {
            replicator.wayClosed();
        }
        ChannelFuture closing = server.close();
        if (!server.eventLoop().inEventLoop()) {
            closing.awaitUninterruptibly();
        }
    }
}

package dev.espalier.replicate.mux;

import dev.espalier.replicate.secret.SecretStreamHandler;
import dev.espalier.replicate.secret.SecretStreamOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** Muxes over encrypted TCP on the loopback interface. */
final class TcpPeer implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** Listens on a free port; each connection gets a mux with a listener of its own. */
    InetSocketAddress listen(Supplier<Mux.Listener> listeners) {
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(handlers(SecretStreamOptions.responder(), listeners))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return (InetSocketAddress) server.localAddress();
    }

    Channel connect(InetSocketAddress address, Mux.Listener listener) {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(handlers(SecretStreamOptions.initiator(), () -> listener))
                .connect(address)
                .syncUninterruptibly()
                .channel();
    }

    private static ChannelInitializer<Channel> handlers(SecretStreamOptions options, Supplier<Mux.Listener> listeners) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new SecretStreamHandler(options), new Mux(listeners.get()));
            }
        };
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }
}

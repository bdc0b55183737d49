package dev.espalier.replicate;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;

/** Settings of TCP connections. */
final class TcpChannels {

    /** Below this many bytes waiting to be sent, answers are made again. */
    private static final int LOW_WATER = 256 << 10;

    /** Above this many bytes waiting to be sent, no more answers are made. */
    private static final int HIGH_WATER = 1 << 20;

    private TcpChannels() {}

    static void configure(SocketChannel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    }
}

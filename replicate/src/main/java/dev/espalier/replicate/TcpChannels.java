package dev.espalier.replicate;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;

/** Settings of TCP connections. */
final class TcpChannels {

    /** Below this many bytes waiting to be sent, answers are made again. */
    private static final int LOW_WATER = 256 << 10;

    /** Above this many bytes waiting to be sent, no more answers are made. */
    private static final int HIGH_WATER = 1 << 20;

    /** Bytes read at a time: as many as came the last times, within these. */
    private static final int LEAST_READ = 64;

    private static final int FIRST_READ = 2 << 10;
    private static final int MOST_READ = 512 << 10;

    private TcpChannels() {}

    static void configure(SocketChannel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(LEAST_READ, FIRST_READ, MOST_READ));
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    }
}

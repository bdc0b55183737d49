package dev.espalier.replicate;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.secret.SecretSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stores joined by connections without sockets and encryption, on one thread and in virtual time: what happens follows
 * from the seed.
 *
 * <p>Frames take their time, in order within a connection and direction and in any order between connections. A
 * connection takes so many bytes and then wants to wait. Tasks handed to a connection by others run at once or later.
 */
@SuppressWarnings("FutureReturnValueIgnored") // embedded channels do all at once
final class SimulatedNetwork implements AutoCloseable {

    private static final int HIGH_WATER = 64 << 10;
    private static final int LOW_WATER = 16 << 10;

    /** A store that takes part. */
    static final class Host implements AutoCloseable {

        final LogStore store;
        private final Replicator replicator;
        private final Peers peers = new Peers(ReplicationOptions.defaults());

        Host(LogStore store) {
            this.store = store;
            this.replicator = Replicator.acquire(store);
            // Wishes outlive the connections.
            replicator.wayOpened();
        }

        @Override
        public void close() {
            peers.close();
            replicator.wayClosed();
            replicator.release();
            store.close();
        }
    }

    private record Event(long time, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Random random;
    private final MockTicker ticker = Ticker.newMockTicker();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Link> links = new ArrayList<>();
    private long order;

    SimulatedNetwork(Random random) {
        this.random = random;
    }

    /** Virtual time since the beginning. */
    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(ticker.nanoTime());
    }

    /** Does something at a later time. */
    void after(long millis, Runnable action) {
        afterMicros(TimeUnit.MILLISECONDS.toMicros(millis), action);
    }

    private void afterMicros(long micros, Runnable action) {
        events.add(new Event(ticker.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros), order++, action));
    }

    /** A way between two stores, down at first. */
    Link link(Host first, Host second) {
        Link link = new Link(first, second, 1 + random.nextInt(random.nextBoolean() ? 500 : 50_000));
        links.add(link);
        return link;
    }

    /** Lets time pass until nothing happens any more but timers, if they are any; whether there are. */
    void settle() {
        runTasks();
        while (!events.isEmpty()) {
            step();
        }
    }

    /** Lets time pass until {@code millis} is over. */
    void runUntil(long millis) {
        runTasks();
        long end = TimeUnit.MILLISECONDS.toNanos(millis);
        while (!events.isEmpty() && events.element().time <= end) {
            step();
        }
        advanceTo(end);
    }

    /** Lets time pass until the next timer fires and what follows has happened; false when there is none. */
    boolean nextTimer() {
        long next = Long.MAX_VALUE;
        for (Link link : links) {
            next = Math.min(next, link.nextTimer());
        }
        if (next == Long.MAX_VALUE) {
            return false;
        }
        ticker.advance(next, TimeUnit.NANOSECONDS);
        runTasks();
        settle();
        return true;
    }

    private void step() {
        Event next = events.remove();
        advanceTo(next.time);
        next.action.run();
        runTasks();
    }

    /** Timers on the way fire at their time. */
    private void advanceTo(long time) {
        while (ticker.nanoTime() < time) {
            long step = time - ticker.nanoTime();
            for (Link link : links) {
                step = Math.min(step, link.nextTimer());
            }
            ticker.advance(Math.max(1, step), TimeUnit.NANOSECONDS);
            runTasks();
        }
    }

    private void runTasks() {
        boolean again = true;
        while (again) {
            again = false;
            for (Link link : links) {
                again |= link.runTasks();
            }
        }
    }

    @Override
    public void close() {
        links.forEach(Link::down);
    }

    /** A way between two stores that carries one connection at a time. */
    final class Link {

        final Host first;
        final Host second;
        private final int delayMicros;
        private final boolean shuffles = random.nextInt(5) == 0;
        private @Nullable End initiator;
        private @Nullable End responder;

        private Link(Host first, Host second, int delayMicros) {
            this.first = first;
            this.second = second;
            this.delayMicros = delayMicros;
        }

        boolean isUp() {
            return initiator != null;
        }

        /** Makes a connection, if there is none. */
        void up() {
            if (isUp()) {
                return;
            }
            byte[] handshakeHash = new byte[64];
            random.nextBytes(handshakeHash);
            End one = new End(this, first, true);
            End two = new End(this, second, false);
            one.other = two;
            two.other = one;
            initiator = one;
            responder = two;
            one.start(handshakeHash);
            two.start(handshakeHash);
        }

        /** Ends the connection, in the middle of whatever is under way. */
        void down() {
            End one = initiator;
            End two = responder;
            initiator = null;
            responder = null;
            if (one != null && two != null) {
                one.close();
                two.close();
            }
        }

        /** Whether a connection that was made has ended without {@link #down}. */
        boolean broke() {
            return (initiator != null && !initiator.channel.isOpen())
                    || (responder != null && !responder.channel.isOpen());
        }

        private boolean runTasks() {
            End one = initiator;
            End two = responder;
            return one != null && two != null && (one.runTasks() | two.runTasks());
        }

        private long nextTimer() {
            End one = initiator;
            End two = responder;
            return one == null || two == null ? Long.MAX_VALUE : Math.min(one.nextTimer(), two.nextTimer());
        }
    }

    /** One side of a connection. */
    private final class End {

        private final Link link;
        private final Host host;
        private final boolean initiates;
        private final EmbeddedChannel channel =
                EmbeddedChannel.builder().ticker(ticker).build();
        private final PeerConnection connection;
        private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
        private @Nullable End other;
        private long lastArrival;
        private int underWay;
        private boolean taskDelayed;
        private boolean closed;

        End(Link link, Host host, boolean initiates) {
            this.link = link;
            this.host = host;
            this.initiates = initiates;
            InetSocketAddress nowhere = InetSocketAddress.createUnresolved("simulated", 1);
            connection = new PeerConnection(host.replicator, host.peers, channel, nowhere, initiates, () -> {});
            host.peers.add(connection);
            channel.pipeline().addLast(connection.mux());
        }

        void start(byte[] handshakeHash) {
            KeyPair pair = KeyPair.fromSeed(new byte[32]);
            channel.pipeline()
                    .fireUserEventTriggered(
                            new SecretSession(initiates, pair.publicKey(), pair.publicKey(), handshakeHash));
        }

        void close() {
            closed = true;
            arrived.forEach(ByteBuf::release);
            arrived.clear();
            channel.close();
            channel.finishAndReleaseAll();
        }

        long nextTimer() {
            if (closed) {
                return Long.MAX_VALUE;
            }
            long left = channel.runScheduledPendingTasks();
            return left < 0 ? Long.MAX_VALUE : left;
        }

        boolean runTasks() {
            boolean ran = false;
            if (!taskDelayed && channel.hasPendingTasks()) {
                if (random.nextInt(8) == 0) {
                    taskDelayed = true;
                    afterMicros(1 + random.nextInt(2_000), () -> taskDelayed = false);
                } else {
                    channel.runPendingTasks();
                    ran = true;
                }
            }
            ran |= send();
            if (!arrived.isEmpty() && channel.config().isAutoRead() && !closed) {
                int count = 1 + random.nextInt(arrived.size());
                Object[] frames = new Object[count];
                for (int i = 0; i < count; i++) {
                    frames[i] = arrived.remove();
                }
                channel.writeInbound(frames);
                send();
                ran = true;
            }
            return ran;
        }

        private boolean send() {
            boolean sent = false;
            for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
                byte[] bytes = ByteBufUtil.getBytes(frame);
                frame.release();
                sent = true;
                if (link.shuffles) {
                    shuffled(bytes).forEach(this::send);
                } else {
                    send(bytes);
                }
            }
            return sent;
        }

        private void send(byte[] frame) {
            End to = other;
            if (closed || to == null) {
                return;
            }
            underWay += frame.length;
            if (underWay > HIGH_WATER) {
                channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            }
            long now = ticker.nanoTime();
            long jitter = TimeUnit.MICROSECONDS.toNanos(random.nextInt(link.delayMicros));
            long delay = TimeUnit.MICROSECONDS.toNanos(link.delayMicros) + jitter;
            lastArrival = Math.max(lastArrival, now + delay);
            events.add(new Event(lastArrival, order++, () -> {
                underWay -= frame.length;
                if (!closed && !to.closed) {
                    if (underWay < LOW_WATER) {
                        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
                    }
                    to.arrived.add(Unpooled.directBuffer(frame.length).writeBytes(frame));
                }
            }));
        }

        /** The messages of a frame one by one, its answers among each other in any order. */
        private List<byte[]> shuffled(byte[] frame) {
            List<EmbeddedPeer.Wire> wires = EmbeddedPeer.parse(frame);
            List<EmbeddedPeer.Wire> answers = new ArrayList<>();
            for (EmbeddedPeer.Wire wire : wires) {
                if (isAnswer(wire)) {
                    answers.add(wire);
                }
            }
            Collections.shuffle(answers, random);
            List<byte[]> frames = new ArrayList<>();
            int next = 0;
            for (EmbeddedPeer.Wire wire : wires) {
                EmbeddedPeer.Wire sent = isAnswer(wire) ? answers.get(next++) : wire;
                frames.add(new CompactWriter()
                        .uint(sent.channel())
                        .uint(sent.type())
                        .raw(sent.body())
                        .toByteArray());
            }
            return frames;
        }

        private static boolean isAnswer(EmbeddedPeer.Wire wire) {
            return wire.channel() != 0 && wire.type() == LogMessage.Data.TYPE;
        }
    }
}

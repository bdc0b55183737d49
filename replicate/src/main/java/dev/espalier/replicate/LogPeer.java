package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.TreeHead;
import dev.espalier.replicate.LogMessage.Bitfield;
import dev.espalier.replicate.LogMessage.Cancel;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.NoData;
import dev.espalier.replicate.LogMessage.Range;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import dev.espalier.replicate.LogMessage.Unwant;
import dev.espalier.replicate.LogMessage.Want;
import dev.espalier.replicate.mux.MuxChannel;
import dev.espalier.replicate.mux.MuxException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One log on one connection: what the other side said of it, what it was told, and the two halves of the work, {@link
 * Answers} and {@link Fetcher} (replication specification §5).
 *
 * <p><b>Threading:</b> the event loop of the connection; {@link #blocksChanged} and {@link #changed} may be called from
 * any thread.
 */
final class LogPeer implements MuxChannel.Listener, Demand.Claimant {

    /** Blocks this near to the end are announced to everybody. */
    private static final long ANNOUNCED_TAIL = 256;

    /** Blocks per want. */
    private static final long WANT_LENGTH = RemoteWants.MAX_LENGTH;

    /** Most wants that we send, and most of the other side's that may wait for the connection to be writable. */
    private static final int MAX_WANTS = 512;

    /** Most wants that are sent at once. */
    private static final int MAX_NEW_WANTS = 64;

    /** Blocks per bitfield message. */
    private static final long BITFIELD_SEGMENT = 1 << 21;

    private final LogReplication shared;
    private final Log log;
    private final PeerConnection connection;
    private final LogCounters counters;
    private final LocalChanges changes = new LocalChanges();
    private final RemoteBlocks remoteBlocks;
    private final RemoteWants remoteWants = new RemoteWants();
    private final ArrayDeque<Want> waitingWants = new ArrayDeque<>();
    /** Regions asked for, the oldest first. */
    private final Set<Long> wanted = new LinkedHashSet<>();

    private final Set<Long> unknown = new HashSet<>();
    private final Fetcher fetcher;

    private @Nullable MuxChannel channel;
    private @Nullable Answers answers;
    private @Nullable Sync remote;
    private @Nullable Sync told;
    private boolean acknowledge;
    private boolean seeks;
    /** Length up to which the other side was told that nothing is missing here. */
    private long toldComplete;
    /** What the other side gave up and was not told of before, because it had it. */
    private long droppedFrom = Long.MAX_VALUE;

    private long droppedTo;

    private volatile boolean settled;

    /** What the other side said so far, for other threads. */
    private volatile @Nullable LogPeerInfo info;

    LogPeer(LogReplication shared, PeerConnection connection) {
        this.shared = shared;
        this.log = shared.log();
        this.connection = connection;
        this.counters = connection.counters(log.key());
        this.remoteBlocks = new RemoteBlocks(connection.budget());
        this.fetcher = new Fetcher(this, shared);
    }

    /** What the other side last said; null before its first sync. */
    @Nullable
    Sync remote() {
        return remote;
    }

    PeerBudget budget() {
        return connection.budget();
    }

    LogCounters counters() {
        return counters;
    }

    @Override
    public RemoteBlocks remoteBlocks() {
        return remoteBlocks;
    }

    /** What it said of the log; null before its first word. Any thread. */
    @Nullable
    LogPeerInfo info() {
        return info;
    }

    private void publish() {
        Sync said = remote;
        Key key = connection.remoteKey();
        if (said != null && key != null) {
            LogPeerInfo now = new LogPeerInfo(key, said.fork(), said.length(), remoteBlocks.prefix());
            if (!now.equals(info)) {
                info = now;
            }
        }
    }

    /** Whether it has said what it has and there is nothing newer to be had from it. Any thread. */
    boolean settled() {
        return settled;
    }

    /** Whether it understands requests by byte position. */
    boolean seeks() {
        return seeks;
    }

    /** Whether the other side is asked. */
    boolean downloads() {
        return connection.downloads();
    }

    private boolean downloading() {
        return connection.downloads() && shared.downloading();
    }

    private boolean acceptsPush() {
        return connection.downloads() && shared.acceptsPush();
    }

    /** Whether an upgrade from the other side's length to ours can be proven. */
    boolean canUpgradeRemote() {
        TreeHead head = log.head();
        Sync now = remote;
        long remoteFork = now == null ? 0 : now.fork();
        long remoteLength = now == null ? 0 : now.length();
        if (head.fork() != remoteFork) {
            return false;
        }
        return remoteLength == 0
                || (remoteLength < head.length() && Prover.canUpgradeFrom(log.nodes(), head, remoteLength));
    }

    // ---- from the log, any thread

    /** Blocks came or went here. */
    void blocksChanged(boolean drop, long start, long count) {
        if (changes.add(drop, start, count)) {
            connection.execute(this::tellChanges);
        }
    }

    /** Sends a block that was not asked for, if it is welcome. */
    void push(long index) {
        connection.execute(() -> {
            MuxChannel open = channel;
            if (open != null && open.isWritable()) {
                corked(open, () -> pushNow(index));
            }
        });
    }

    private void pushNow(long index) {
        Sync now = remote;
        Answers answering = answers;
        TreeHead head = log.head();
        if (now == null
                || answering == null
                || !connection.uploads()
                || !now.allowPush()
                || !now.downloading()
                || now.fork() != head.fork()
                || index >= head.length()
                || remoteBlocks.has(index)) {
            return;
        }
        long length = Math.max(now.length(), answering.given(head.fork()));
        // Which nodes the peer holds is not known: the path goes up to a root of its tree.
        long nodes = Math.max(0, Prover.missingNodes(node -> null, length, 2 * index) - 1);
        ProofRequest.Upgrade upgrade = index < length ? null : new ProofRequest.Upgrade(length, head.length() - length);
        answering.push(new ProofRequest(new ProofRequest.Node(index, nodes), null, null, upgrade, now.length() == 0));
    }

    /** All blocks from {@code length} on went here. */
    void truncated(long length) {
        blocksChanged(true, length, CompactReader.MAX_UINT);
    }

    /** The head, the interest in the log or the demand changed. */
    void changed() {
        if (changes.signal()) {
            connection.execute(this::tellChanges);
        }
    }

    /** An answer of this peer takes so long. */
    void measured(long roundTripNanos) {
        connection.measured(roundTripNanos);
    }

    /** Runs a task on the event loop of this peer. */
    void execute(Runnable task) {
        connection.execute(task);
    }

    /** Runs a task on the event loop of this peer, later. */
    void schedule(Runnable task, long delay, TimeUnit unit) {
        connection.schedule(task, delay, unit);
    }

    @Override
    public long expectedNanos() {
        return fetcher.expectedNanos();
    }

    @Override
    public void unneeded(Set<Long> indexes) {
        connection.execute(() -> whileLogIsOpen(() -> fetcher.cancel(indexes)));
    }

    // ---- channel events

    @Override
    public void onOpen(MuxChannel opened, ByteBuf handshake) {
        LogHandshake other = LogHandshake.decode(new CompactReader(handshake.nioBuffer()));
        connection.checkCapability(log.key(), other);
        seeks = other.seeks();
        channel = opened;
        corked(opened, () -> start(opened));
    }

    private void start(MuxChannel opened) {
        answers = new Answers(log, opened, counters, connection.budget(), connection.uploads());
        shared.add(this);
        shared.openDone(connection);
        sendSync();
        long contiguous = Math.min(log.length(), log.contiguousLength());
        if (contiguous > 0 && connection.uploads()) {
            send(new Range(false, 0, contiguous));
            if (contiguous == log.length()) {
                toldComplete = contiguous;
            }
        }
    }

    @Override
    public void onMessage(MuxChannel from, int type, ByteBuf body) {
        LogMessage message = LogMessage.decode(type, new CompactReader(body.nioBuffer()));
        Answers answering = answers;
        if (message != null && answering != null) {
            whileLogIsOpen(() -> take(message, answering, body));
        }
    }

    private void take(LogMessage message, Answers answering, ByteBuf body) {
        if (message instanceof Data data) {
            fetcher.data(data, body);
        } else if (message instanceof Request request) {
            answering.request(request);
        } else if (message instanceof Sync sync) {
            onSync(sync);
        } else if (message instanceof Range range) {
            if (range.drop()) {
                lacks(range.start(), range.length());
                droppedFrom = Math.min(droppedFrom, range.start());
                droppedTo = Math.max(droppedTo, range.start() + range.length());
                changed();
                fetcher.corrected();
            } else {
                remoteBlocks.range(range.start(), range.length(), false);
            }
            fetcher.wake();
        } else if (message instanceof Bitfield bitfield) {
            remoteBlocks.bitfield(bitfield.start(), bitfield.words());
            fetcher.wake();
        } else if (message instanceof Want want) {
            onWant(want);
        } else if (message instanceof Unwant unwant) {
            remoteWants.remove(unwant.start(), unwant.length());
        } else if (message instanceof NoData noData) {
            fetcher.noData(noData);
        } else if (message instanceof Cancel cancel) {
            answering.cancel(cancel.request());
        }
    }

    @Override
    public void onReadComplete(MuxChannel from) {
        whileLogIsOpen(fetcher::readComplete);
        if (changes.signalled()) {
            tellChanges();
        }
        publish();
        whileLogIsOpen(this::settle);
    }

    @Override
    public void onWritabilityChanged(MuxChannel from) {
        Answers answering = answers;
        if (answering != null && from.isWritable()) {
            corked(from, () -> {
                answerWants();
                answering.resume();
            });
            if (changes.signalled()) {
                tellChanges();
            }
        }
    }

    /** Runs a task; a log that was closed here in the middle of it closes the channel only. */
    private void whileLogIsOpen(Runnable task) {
        try {
            task.run();
        } catch (IllegalStateException e) {
            if (shared.isOpen()) {
                throw e;
            }
            close();
        }
    }

    /** The same, with all that is sent going out together. */
    private void corked(MuxChannel open, Runnable task) {
        open.cork();
        try {
            whileLogIsOpen(task);
        } finally {
            open.uncork();
        }
    }

    @Override
    public void onClose(MuxChannel from, MuxChannel.CloseReason reason) {
        Sync last = remote;
        boolean wasOpen = channel != null;
        channel = null;
        if (answers != null) {
            answers.close();
            answers = null;
        }
        whileLogIsOpen(fetcher::storeBatch);
        fetcher.close();
        remoteBlocks.close();
        waitingWants.clear();
        connection.closed(shared, this, reason, wasOpen && last != null && !last.downloading());
    }

    /** Shows the other side both trees that were signed, whichever it has, and closes the channel. */
    void accuse(Conflict conflict) {
        MuxChannel open = channel;
        if (open != null) {
            for (Proof proof : List.of(conflict.own(), conflict.other())) {
                CompactWriter out = new CompactWriter(512);
                proof.encode(out, 0);
                open.send(Data.TYPE, Unpooled.wrappedBuffer(out.view()));
            }
            open.close();
        }
    }

    /** Closes the channel. */
    void close() {
        if (channel != null) {
            channel.close();
        }
    }

    // ---- the other side's state

    private void onSync(Sync sync) {
        remote = sync;
        if (!sync.downloading() && !downloading()) {
            close();
            return;
        }
        // Without this acknowledgement a shorter peer never asks for the upgrade. One for all syncs that came together.
        if (sync.fork() == log.fork() && sync.length() < log.length()) {
            acknowledge = true;
            changed();
        }
        fetcher.wake();
        settle();
    }

    private void settle() {
        boolean now = remote != null && !fetcher.offersNewer();
        if (now != settled || now) {
            settled = now;
            shared.checkUpdates();
        }
    }

    private void sendSync() {
        TreeHead head = log.head();
        Sync now = remote;
        Sync sync = new Sync(
                head.fork(),
                head.length(),
                now != null && now.fork() == head.fork() ? now.length() : 0,
                connection.uploads() && canUpgradeRemote(),
                connection.uploads(),
                downloading(),
                Answers.announcedManifest(log) != null,
                acceptsPush());
        told = sync;
        acknowledge = false;
        send(sync);
    }

    // ---- telling what is here

    private void tellChanges() {
        MuxChannel open = channel;
        if (open == null || open.isClosed()) {
            changes.take();
        } else if (open.isWritable()) {
            corked(open, () -> tell(changes.take()));
        }
        // Otherwise later: a peer that does not read shall not make us keep what it is not told.
    }

    private void tell(List<LocalChanges.Change> news) {
        Sync before = told;
        long toldLength = before == null ? 0 : before.length();
        for (LocalChanges.Change change : news) {
            if (change.drop()) {
                toldComplete = Math.min(toldComplete, change.start());
                long end = Math.min(change.start() + change.count(), toldLength);
                if (end > change.start()) {
                    send(new Range(true, change.start(), end - change.start()));
                }
            } else {
                announce(change.start(), change.count());
            }
        }
        tellDropped();
        TreeHead head = log.head();
        if (before == null || before.fork() != head.fork()) {
            fetcher.truncated();
        }
        if (before == null
                || acknowledge
                || before.fork() != head.fork()
                || before.length() != head.length()
                || before.downloading() != downloading()
                || before.allowPush() != acceptsPush()
                || before.hasManifest() != (Answers.announcedManifest(log) != null)
                || canUpgradeNow(before, head)) {
            sendSync();
        }
        fetcher.wake();
        settle();
    }

    /** Whether nodes have come by which a shorter peer that was told it cannot be upgraded from here now can. */
    private boolean canUpgradeNow(Sync before, TreeHead head) {
        Sync now = remote;
        return connection.uploads()
                && !before.canUpgrade()
                && now != null
                && now.fork() == head.fork()
                && now.length() < head.length()
                && canUpgradeRemote();
    }

    private void announce(long start, long count) {
        if (!connection.uploads()) {
            return;
        }
        long length = log.length();
        boolean complete = log.contiguousLength() >= length;
        if (complete) {
            if (toldComplete < length) {
                toldComplete = length;
                send(new Range(false, 0, length));
            }
            return;
        }
        if (start + ANNOUNCED_TAIL < length && !remoteWants.overlaps(start, count)) {
            return;
        }
        if (!remoteBlocks.hasAll(start, start + count)) {
            send(new Range(false, start, count));
        }
    }

    /** Of blocks that it had it was not told when they came here. */
    private void tellDropped() {
        long start = droppedFrom;
        long end = start < droppedTo ? Math.min(droppedTo, Math.min(log.length(), start + WANT_LENGTH)) : 0;
        droppedFrom = Long.MAX_VALUE;
        droppedTo = 0;
        if (start < end
                && connection.uploads()
                && log.contiguousLength() < log.length()
                && remoteWants.overlaps(start, end - start)
                && log.nextPresent(start, end) < end) {
            answer(new Want(start, end - start, false));
        }
    }

    private void onWant(Want want) {
        if (remoteWants.add(want.start(), want.length())) {
            if (waitingWants.size() >= MAX_WANTS) {
                throw new MuxException("The peer waits for the answers to more than " + MAX_WANTS + " wants.");
            }
            waitingWants.add(want);
            answerWants();
        }
    }

    private void answerWants() {
        MuxChannel open = channel;
        while (open != null && open.isWritable() && !waitingWants.isEmpty()) {
            Want want = waitingWants.remove();
            if (connection.uploads()) {
                answer(want);
            }
        }
    }

    private void answer(Want want) {
        long length = log.length();
        long contiguous = Math.min(length, log.contiguousLength());
        long end = want.start() + want.length();
        if (contiguous == length || end <= contiguous || (want.any() && want.start() < contiguous)) {
            send(new Range(false, 0, contiguous));
            return;
        }
        end = Math.min(end, length);
        if (want.start() >= end) {
            return;
        }
        if (want.any()) {
            long first = log.nextPresent(want.start(), end);
            if (first < end) {
                send(new Range(false, first, 1));
            }
            return;
        }
        for (long start = want.start() & ~31L; start < end; ) {
            long stop = Math.min(end, (start / BITFIELD_SEGMENT + 1) * BITFIELD_SEGMENT);
            int words = (int) ((stop - start + 31) / 32);
            ByteBuffer bits = ByteBuffer.allocate(words * Integer.BYTES);
            log.copyBits(start, words, bits);
            send(new Bitfield(start, bits.clear()));
            start = stop;
        }
    }

    // ---- asking what is there

    @Override
    public boolean lacksKnowledgeOf(long index) {
        long region = index / WANT_LENGTH;
        if (unknown.size() < MAX_NEW_WANTS && !wanted.contains(region)) {
            unknown.add(region);
        }
        // What would have to be unwanted for it can wait.
        return unknown.size() < MAX_NEW_WANTS && unknown.size() + wanted.size() < MAX_WANTS;
    }

    /** The other side does not have these blocks, whatever it said before. */
    void lacks(long start, long count) {
        long before = remoteBlocks.prefix();
        remoteBlocks.range(start, count, true);
        if (remoteBlocks.prefix() < before) {
            // With the prefix goes what was known of the blocks behind these: it may be asked again.
            wanted.removeIf(region -> (region + 1) * WANT_LENGTH > start);
        }
    }

    /** Asks for knowledge of the regions that turned out to be lacking it, once each. */
    void askKnowledge() {
        MuxChannel open = channel;
        if (unknown.isEmpty() || open == null || !open.isWritable()) {
            return;
        }
        for (Long region : unknown) {
            if (wanted.size() >= MAX_WANTS) {
                // What was learned of it stays, what comes there from now on is not told.
                Long oldest = wanted.iterator().next();
                wanted.remove(oldest);
                send(new Unwant(oldest * WANT_LENGTH, WANT_LENGTH, false));
            }
            wanted.add(region);
            send(new Want(region * WANT_LENGTH, WANT_LENGTH, false));
        }
        unknown.clear();
    }

    // ---- sending

    /** Sends a message that carries no block. */
    void send(LogMessage message) {
        MuxChannel open = channel;
        if (open != null) {
            CompactWriter out = new CompactWriter(64);
            message.encode(out);
            open.send(message.type(), Unpooled.wrappedBuffer(out.view()));
        }
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}

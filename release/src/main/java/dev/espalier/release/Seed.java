package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.BlockTraffic;
import dev.espalier.replicate.LogPeerInfo;
import dev.espalier.replicate.PeerInfo;
import dev.espalier.replicate.Replication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Holds all of a drive, history included, and hands it to peers until cancelled (release specification §3.2). */
public final class Seed {

    private static final Duration SYNC_POLL = Duration.ofMillis(20);

    private Seed() {}

    /**
     * How to seed.
     *
     * @param network where peers are; one at least must be able to come
     * @param statsInterval how often to tell numbers that changed, 1 ms or more
     * @param untilSync end when all of these peers hold all of the drive; empty to go on until cancelled
     */
    public record Options(NetworkOptions network, Duration statsInterval, List<Key> untilSync) {

        /** Checks the interval; keeps its own copy. */
        public Options {
            untilSync = List.copyOf(untilSync);
            if (statsInterval.compareTo(Duration.ofMillis(1)) < 0) {
                throw new EspalierException("ERR_INVALID_INPUT", "The interval of statistics must be 1 ms or more.");
            }
        }

        /** Numbers twice a second. */
        public static Options of(NetworkOptions network) {
            return new Options(network, Duration.ofMillis(500), List.of());
        }
    }

    /** Begins. */
    public record Seeding(Key key, Link link) implements Event {
        @Override
        public String tag() {
            return "seeding";
        }
    }

    /**
     * What went one way.
     *
     * @param totalBytes bytes of blocks
     * @param totalBlocks blocks
     * @param speed bytes a second since the numbers before
     */
    public record Flow(long totalBytes, long totalBlocks, long speed) {}

    /** What went over one connection. */
    public record Connection(Key key, String address, long downloadedBytes, long uploadedBytes, long uploadedBlocks) {}

    /**
     * Numbers of the moment; told when they differ from those before.
     *
     * @param firewalled whether others can reach this machine; null as long as discovery is not there to tell
     * @param natType {@code Consistent} or {@code Random}; null likewise
     * @param peers connections
     * @param driveKey key of the drive
     * @param driveLength blocks of its database
     * @param heldBlocks blocks of database and blobs held here
     * @param totalBlocks blocks of database and blobs there are
     * @param discoveryKey what peers look for
     * @param contentKey key of the blobs, or {@code pending}
     * @param upload what was sent
     * @param download what was fetched
     * @param connections each of them
     */
    public record Stats(
            @Nullable Boolean firewalled,
            @Nullable String natType,
            int peers,
            Key driveKey,
            long driveLength,
            long heldBlocks,
            long totalBlocks,
            Key discoveryKey,
            String contentKey,
            Flow upload,
            Flow download,
            List<Connection> connections)
            implements Event {
        @Override
        public String tag() {
            return "stats";
        }
    }

    /** A peer that was waited for holds all of the drive. */
    public record PeerSync(Key key) implements Event {
        @Override
        public String tag() {
            return "peer-sync";
        }
    }

    /** How it ended. */
    public record Result(Key key, Link link, long uploadedBytes, long downloadedBytes) {}

    static Result run(LogStore store, Link link, Options options, Steps steps) {
        Key key = link.requireDrive().key();
        if (!options.network().expectsPeers()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "Say where peers can connect, with --listen PORT, or whom to call, with --peer.");
        }
        try (Drive drive = Drive.open(store, key)) {
            steps.emit(new Seeding(key, Link.of(key)));
            try (Network network = Network.open(steps, store, options.network())) {
                return new Running(store, drive, network, steps, options.untilSync()).run(options.statsInterval());
            }
        }
    }

    /** One run: wishes for all blocks, and the numbers told last. */
    private static final class Running {

        private final LogStore store;
        private final Drive drive;
        private final Network network;
        private final Steps steps;

        /** Peers that do not hold all yet; empty when nobody is waited for. */
        private final Set<Key> lacking;

        private final boolean untilSync;
        private final List<CompletableFuture<Void>> wishes = new ArrayList<>();
        private boolean blobsWanted;
        private BlockTraffic before = BlockTraffic.NONE;
        private long beforeNanos = System.nanoTime();
        private @Nullable Stats told;

        Running(LogStore store, Drive drive, Network network, Steps steps, List<Key> untilSync) {
            this.store = store;
            this.lacking = new LinkedHashSet<>(untilSync);
            this.untilSync = !untilSync.isEmpty();
            this.drive = drive;
            this.network = network;
            this.steps = steps;
        }

        Result run(Duration interval) {
            try {
                wantAll(drive.db());
                long next = System.nanoTime();
                while (!steps.isCancelled() && !(untilSync && lacking.isEmpty())) {
                    wantBlobs();
                    lookForSync();
                    long now = System.nanoTime();
                    if (now - next >= 0) {
                        tell(now);
                        next = now + interval.toNanos();
                    }
                    long pause = Math.max(1, next - System.nanoTime());
                    steps.pause(Duration.ofNanos(untilSync ? Math.min(pause, SYNC_POLL.toNanos()) : pause));
                }
                tell(System.nanoTime());
            } finally {
                wishes.forEach(wish -> wish.cancel(false));
            }
            BlockTraffic all = network.traffic().blocks();
            return new Result(drive.key(), Link.of(drive.key()), all.bytesOut(), all.bytesIn());
        }

        private void lookForSync() {
            if (lacking.isEmpty()) {
                return;
            }
            Set<Key> holders = holders(drive.db());
            if (blobsWanted && drive.blobs().length() > 0) {
                holders.retainAll(holders(drive.blobs()));
            }
            for (Key key : List.copyOf(lacking)) {
                if (holders.contains(key)) {
                    lacking.remove(key);
                    steps.emit(new PeerSync(key));
                }
            }
        }

        /** Peers that hold all of a log. */
        private Set<Key> holders(Log log) {
            return Replication.peersOf(store, log).stream()
                    .filter(peer -> peer.contiguousLength() >= log.length())
                    .map(LogPeerInfo::publicKey)
                    .collect(Collectors.toCollection(HashSet::new));
        }

        private void wantAll(Log log) {
            if (!log.writable()) {
                wishes.add(log.download(0, Long.MAX_VALUE));
            }
        }

        private void wantBlobs() {
            if (!blobsWanted && drive.contentKey().isPresent()) {
                blobsWanted = true;
                wantAll(drive.blobs());
            }
        }

        private void tell(long now) {
            BlockTraffic traffic = network.traffic().blocks();
            double seconds = Math.max(1e-3, (now - beforeNanos) / 1e9);
            Flow upload = new Flow(
                    traffic.bytesOut(),
                    traffic.blocksOut(),
                    Math.round((traffic.bytesOut() - before.bytesOut()) / seconds));
            Flow download = new Flow(
                    traffic.bytesIn(),
                    traffic.blocksIn(),
                    Math.round((traffic.bytesIn() - before.bytesIn()) / seconds));
            before = traffic;
            beforeNanos = now;
            Log db = drive.db();
            Log blobs = blobsWanted ? drive.blobs() : null;
            List<Connection> connections =
                    network.peers().stream().map(Running::connection).toList();
            Stats stats = new Stats(
                    null,
                    null,
                    connections.size(),
                    drive.key(),
                    db.length(),
                    db.presentCount() + (blobs == null ? 0 : blobs.presentCount()),
                    db.length() + (blobs == null ? 0 : blobs.length()),
                    drive.discoveryKey(),
                    drive.contentKey().map(Key::toString).orElse("pending"),
                    upload,
                    download,
                    connections);
            if (!stats.equals(told)) {
                told = stats;
                steps.emit(stats);
            }
        }

        private static Connection connection(PeerInfo peer) {
            BlockTraffic blocks = peer.traffic().blocks();
            return new Connection(
                    peer.publicKey(),
                    Network.address(peer.address()),
                    blocks.bytesIn(),
                    blocks.bytesOut(),
                    blocks.blocksOut());
        }
    }
}

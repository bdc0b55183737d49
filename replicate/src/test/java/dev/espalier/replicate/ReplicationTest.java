package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogListener;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two or more stores of this implementation over the loopback interface. */
@Timeout(120)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class ReplicationTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void aReaderThatKnowsOnlyTheKeyFetchesAWholeLog() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 1000, 100);
            try (Replication server = listen(writing);
                    Replication client = Replication.connect(reading, server.address())) {
                assertThat(copy.update(LONG)).isTrue();
                assertThat(copy.length()).isEqualTo(1000);
                join(copy.download(0, 1000));
                assertSame(copy, source);
                BlockTraffic fetched = client.traffic().blocks(source.key());
                BlockTraffic served = server.traffic().blocks(source.key());
                assertThat(fetched).isEqualTo(new BlockTraffic(1000, source.byteLength(), 0, 0));
                assertThat(served).isEqualTo(new BlockTraffic(0, 0, 1000, source.byteLength()));
                assertThat(client.traffic().wireBytesIn()).isGreaterThan(source.byteLength());
            }
        }
    }

    private static long firstTen(Log log) {
        long bytes = 0;
        for (long block = 0; block < 10; block++) {
            bytes += log.blockLength(block);
        }
        return bytes;
    }

    @Test
    void whatPeersSayOfALogIsTold() {
        KeyPair identity = KeyPair.random();
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 100, 100);
            assertThat(Replication.peersOf(writing, source)).isEmpty();
            try (Replication server = listen(writing);
                    Replication client = Replication.connect(
                            reading,
                            server.address(),
                            ReplicationOptions.defaults().withIdentity(identity))) {
                assertThat(copy.update(LONG)).isTrue();
                AtomicLong sent = new AtomicLong();
                source.listen(new LogListener() {
                    @Override
                    public void blockSent(Log log, long index, int bytes) {
                        sent.addAndGet(bytes);
                    }
                });
                join(copy.download(10, 100));
                until(() -> Replication.peersOf(writing, source)
                        .equals(List.of(new LogPeerInfo(identity.publicKey(), 0, 100, 0))));
                until(() -> sent.get() == source.byteLength() - firstTen(source));
                assertThat(source.remoteContiguousLength()).isZero();
                join(copy.download(0, 10));
                until(() -> Replication.peersOf(writing, source)
                        .equals(List.of(new LogPeerInfo(identity.publicKey(), 0, 100, 100))));
                assertThat(source.remoteContiguousLength()).isEqualTo(100);
                assertThat(Replication.peersOf(reading, copy))
                        .extracting(LogPeerInfo::contiguousLength)
                        .containsExactly(100L);
                TestBlocks.append(source, 1, 100);
                until(() -> Replication.peersOf(writing, source)
                        .equals(List.of(new LogPeerInfo(identity.publicKey(), 0, 101, 100))));
            }
            until(() -> Replication.peersOf(writing, source).isEmpty());
        }
    }

    @Test
    void aStoreThatIsConnectedTwiceIsOnePeer() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key());
                Replication server = listen(writing);
                Replication first = Replication.connect(reading, server.address());
                Replication second = Replication.connect(reading, server.address())) {
            TestBlocks.append(source, 10, 100);
            join(copy.download(0, 10));
            until(() -> Replication.peersOf(writing, source).size() == 2);
            assertThat(Replication.peersOf(writing, source))
                    .extracting(LogPeerInfo::publicKey)
                    .containsOnly(Replication.peersOf(writing, source).get(0).publicKey());
        }
    }

    @Test
    void aStoreIsNoPeerOfItself() {
        KeyPair identity = KeyPair.random();
        try (LogStore store = store("a");
                LogStore reading = store("b");
                Log source = store.log("events");
                Log copy = reading.log(source.key());
                Replication server = listen(store);
                Replication self = Replication.connect(
                        store, server.address(), ReplicationOptions.defaults().withIdentity(identity));
                Replication again = Replication.connect(store, server.address())) {
            TestBlocks.append(source, 10, 100);
            until(() -> server.peers().size() == 2);
            try (Replication other = Replication.connect(reading, server.address())) {
                join(copy.download(0, 10));
                until(() -> Replication.peersOf(store, source).size() == 1
                        && Replication.peersOf(store, source).get(0).contiguousLength() == 10);
                assertThat(Replication.peersOf(reading, copy)).hasSize(1);
            }
            until(() -> Replication.peersOf(store, source).isEmpty());
        }
    }

    @Test
    void randomLogsOfAllSizesArrive() {
        Random random = new Random(11);
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address())) {
            List<Log> sources = new ArrayList<>();
            List<CompletableFuture<Void>> downloads = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Log source = writing.log("log " + i);
                for (int batches = random.nextInt(4); batches >= 0; batches--) {
                    TestBlocks.append(source, 1 + random.nextInt(random.nextBoolean() ? 3 : 300), random.nextInt(2000));
                }
                sources.add(source);
                downloads.add(reading.log(source.key()).download(0, source.length()));
            }
            downloads.forEach(ReplicationTest::join);
            for (Log source : sources) {
                try (Log copy = reading.log(source.key())) {
                    assertSame(copy, source);
                }
            }
        }
    }

    @Test
    void aFewMiddlingBlocksArrive() {
        // Together more than one batch of answers, and less than the connection takes before it wants to wait.
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            for (int i = 0; i < 6; i++) {
                source.append(new byte[100_000 + i]);
            }
            try (Replication server = listen(writing);
                    Replication client = Replication.connect(reading, server.address())) {
                join(copy.download(0, 6));
                assertSame(copy, source);
            }
        }
    }

    @Test
    void largeAndEmptyBlocksArrive() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key());
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address())) {
            byte[] large = new byte[Log.MAX_BLOCK_BYTES];
            new Random(1).nextBytes(large);
            source.append(large);
            source.append(new byte[0]);
            source.append(large);
            until(() -> copy.length() == 3);
            assertThat(copy.get(2, LONG)).isEqualTo(large);
            assertThat(copy.get(1, LONG)).isEmpty();
            assertThat(copy.get(0, LONG)).isEqualTo(large);
        }
    }

    @Test
    void appendsAreFollowedInBothRoles() {
        try (LogStore first = store("a");
                LogStore second = store("b");
                Log one = first.log("one");
                Log two = second.log("two");
                Log oneCopy = second.log(one.key());
                Log twoCopy = first.log(two.key());
                Replication server = listen(first);
                Replication client = Replication.connect(second, server.address())) {
            CompletableFuture<Void> followingOne = oneCopy.download(0, Long.MAX_VALUE);
            CompletableFuture<Void> followingTwo = twoCopy.download(0, Long.MAX_VALUE);
            Random random = new Random(12);
            for (int i = 0; i < 30; i++) {
                TestBlocks.append(one, 1 + random.nextInt(20), 300);
                TestBlocks.append(two, 1 + random.nextInt(20), 300);
                if (random.nextInt(5) == 0) {
                    until(() -> oneCopy.contiguousLength() == one.length());
                }
            }
            until(() -> oneCopy.contiguousLength() == one.length() && twoCopy.contiguousLength() == two.length());
            assertSame(oneCopy, one);
            assertSame(twoCopy, two);
            assertThat(followingOne).isNotDone();
            assertThat(followingTwo).isNotDone();
        }
    }

    @Test
    void truncationsAreFollowedAtAnyTime() {
        try (LogStore writing = store("a");
                LogStore middle = store("b");
                LogStore reading = store("c");
                Log source = writing.log("events");
                Log between = middle.log(source.key());
                Log copy = reading.log(source.key());
                Replication server = listen(writing);
                Replication toServer = Replication.connect(middle, server.address());
                Replication second = listen(middle);
                Replication toSecond = Replication.connect(reading, second.address())) {
            between.download(0, Long.MAX_VALUE);
            copy.download(0, Long.MAX_VALUE);
            Random random = new Random(14);
            for (int i = 0; i < 25; i++) {
                TestBlocks.append(source, 1 + random.nextInt(60), 100);
                if (random.nextInt(3) == 0) {
                    until(() -> copy.length() == source.length());
                }
                if (random.nextInt(2) == 0) {
                    source.truncate(random.nextInt((int) source.length()));
                }
            }
            TestBlocks.append(source, 5, 100);
            until(() -> copy.fork() == source.fork() && copy.contiguousLength() == source.length());
            until(() -> between.fork() == source.fork() && between.contiguousLength() == source.length());
            assertSame(copy, source);
            assertSame(between, source);
        }
    }

    @Test
    void whatASourceGaveUpIsFetchedFromElsewhere() {
        try (LogStore writing = store("a");
                LogStore mirror = store("b");
                LogStore reading = store("c");
                Log source = writing.log("events");
                Log between = mirror.log(source.key());
                Log copy = reading.log(source.key());
                Replication server = listen(writing);
                Replication second = listen(mirror)) {
            TestBlocks.append(source, 200, 100);
            try (Replication toServer = Replication.connect(mirror, server.address())) {
                join(between.download(0, 200));
            }
            try (Replication toServer = Replication.connect(reading, server.address())) {
                until(() -> copy.length() == 200);
                source.clear(50, 150);
                CompletableFuture<Void> all = copy.download(0, 200);
                until(() -> copy.presentCount() == 100);
                assertThat(all).isNotDone();
                assertThat(copy.has(0, 50)).isTrue();
                try (Replication toSecond = Replication.connect(reading, second.address())) {
                    join(all);
                    TestBlocks.assertSame(copy, between);
                    assertThat(toSecond.traffic().blocks().blocksIn()).isEqualTo(100);
                }
            }
        }
    }

    @Test
    void logsOpenedLaterAreReplicatedOnOpenConnections() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address())) {
            until(() -> client.peers().size() == 1);
            try (Log source = writing.log("late")) {
                TestBlocks.append(source, 10, 10);
                try (Log copy = reading.log(source.key())) {
                    assertThat(copy.get(9, LONG)).isEqualTo(source.get(9));
                }
            }
        }
    }

    @Test
    void aLogThatOpensLaterAtTheServerIsFound() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address())) {
            KeyPair pair = writing.keyPair("later");
            Key key =
                    dev.espalier.merkle.Manifest.singleSigner(pair.publicKey()).key();
            try (Log copy = reading.log(key)) {
                assertThat(copy.update(LONG)).as("nobody has it yet").isFalse();
                try (Log source = writing.log("later")) {
                    TestBlocks.append(source, 3, 10);
                    until(() -> copy.length() == 3);
                    assertThat(copy.get(2, LONG)).isEqualTo(source.get(2));
                }
            }
        }
    }

    @Test
    void aStoredLogIsServedWithoutAnOpenHandle() {
        try (LogStore writing = store("a");
                LogStore reading = store("b")) {
            Key key;
            try (Log source = writing.log("events")) {
                TestBlocks.append(source, 50, 50);
                key = source.key();
            }
            try (Log copy = reading.log(key);
                    Replication server = listen(writing);
                    Replication client = Replication.connect(reading, server.address())) {
                join(copy.download(0, 50));
                try (Log source = writing.log("events")) {
                    assertSame(copy, source);
                }
            }
        }
    }

    @Test
    void aLogThatNobodyHasIsRejectedAndTheConnectionStays() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log unknown = reading.log(KeyPair.fromSeed(new byte[32]).publicKey());
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address())) {
            assertThat(unknown.update(LONG)).isFalse();
            assertThat(client.peers()).hasSize(1);
            assertThat(writing.contains(unknown.key()))
                    .as("serving never creates")
                    .isFalse();
        }
    }

    @Test
    void threePeersShareTheWork() {
        try (LogStore writing = store("a");
                LogStore reading = store("z");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 6000, 300);
            List<LogStore> mirrors = List.of(store("b"), store("c"), store("d"));
            List<Replication> servers = new ArrayList<>();
            try (Replication server = listen(writing)) {
                for (LogStore mirror : mirrors) {
                    try (Replication client = Replication.connect(mirror, server.address())) {
                        join(mirror.log(source.key()).download(0, 6000));
                    }
                    servers.add(listen(mirror));
                }
            }
            List<Replication> clients = servers.stream()
                    .map(server -> Replication.connect(reading, server.address()))
                    .toList();
            until(() -> clients.stream().allMatch(client -> client.peers().size() == 1));
            copy.update(LONG);
            join(copy.download(0, 6000));
            assertSame(copy, source);
            long sum = 0;
            for (Replication client : clients) {
                long blocks = client.traffic().blocks(source.key()).blocksIn();
                assertThat(blocks).isPositive();
                sum += blocks;
            }
            // Exactly so many as long as no peer is starved for seconds by whatever else the machine does.
            assertThat(sum).isBetween(6000L, 7000L);
            clients.forEach(Replication::close);
            servers.forEach(Replication::close);
            mirrors.forEach(LogStore::close);
        }
    }

    @Test
    void whatALeavingPeerWasAskedForComesFromTheOthers() {
        try (LogStore writing = store("a");
                LogStore mirror = store("b");
                LogStore reading = store("c");
                Log source = writing.log("events");
                Log between = mirror.log(source.key());
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 3000, 1000);
            try (Replication server = listen(writing)) {
                try (Replication client = Replication.connect(mirror, server.address())) {
                    join(between.download(0, 3000));
                }
                Replication second = listen(mirror);
                try (Replication toFirst = Replication.connect(reading, server.address());
                        Replication toSecond = Replication.connect(reading, second.address())) {
                    until(() -> toFirst.peers().size() == 1 && toSecond.peers().size() == 1);
                    CompletableFuture<Void> all = copy.download(0, 3000);
                    until(() -> toSecond.traffic().blocks().blocksIn() > 50);
                    second.close();
                    join(all);
                    assertSame(copy, source);
                }
            }
        }
    }

    @Test
    void aSparseSourceGivesWhatItHasAndTheRestComesLater() {
        try (LogStore writing = store("a");
                LogStore sparse = store("b");
                LogStore reading = store("c");
                Log source = writing.log("events");
                Log holes = sparse.log(source.key());
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 2000, 60);
            Random random = new Random(13);
            try (Replication server = listen(writing);
                    Replication client = Replication.connect(sparse, server.address())) {
                for (int i = 0; i < 30; i++) {
                    int start = random.nextInt(1900);
                    join(holes.download(start, start + 1 + random.nextInt(100)));
                }
            }
            long some = holes.presentCount();
            try (Replication server = listen(sparse);
                    Replication client = Replication.connect(reading, server.address())) {
                assertThat(copy.update(LONG)).isTrue();
                CompletableFuture<Void> all = copy.download(0, 2000);
                until(() -> copy.presentCount() == some);
                assertThat(all).isNotDone();
                try (Replication whole = listen(writing);
                        Replication toWhole = Replication.connect(reading, whole.address())) {
                    join(all);
                    assertThat(toWhole.traffic().blocks().blocksIn()).isEqualTo(2000 - some);
                }
            }
            assertSame(copy, source);
        }
    }

    @Test
    void blocksPassThroughAPeerThatFetchesThemLater() {
        try (LogStore writing = store("a");
                LogStore middle = store("b");
                LogStore reading = store("c");
                Log source = writing.log("events");
                Log between = middle.log(source.key());
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 1000, 60);
            try (Replication first = listen(writing);
                    Replication second = listen(middle);
                    Replication toFirst = Replication.connect(middle, first.address());
                    Replication toSecond = Replication.connect(reading, second.address())) {
                until(() -> between.length() == 1000);
                CompletableFuture<Void> last = copy.download(0, 1000);
                join(between.download(0, 1000));
                join(last);
                assertSame(copy, source);
            }
        }
    }

    @Test
    void whatIsPushedIsThereWithoutHavingBeenAskedFor() {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                LogStore other = store("c");
                Log source = writing.log("events");
                Log copy = reading.log(source.key());
                Log unwilling = other.log(source.key());
                Replication server = listen(writing);
                Replication client = Replication.connect(reading, server.address());
                Replication third = Replication.connect(other, server.address())) {
            client.acceptPush(copy, true);
            TestBlocks.append(source, 5, 100);
            until(() -> copy.length() == 5 && unwilling.length() == 5);
            // Below the head that the reader has, until it is known that it takes it.
            until(() -> {
                server.push(source, 2);
                return copy.has(2);
            });
            for (int i = 0; i < 20; i++) {
                TestBlocks.append(source, 1, 100);
                long newest = source.length() - 1;
                server.push(source, newest);
                until(() -> copy.has(newest));
            }
            TestBlocks.assertSame(copy, source);
            assertThat(copy.presentCount()).isEqualTo(21);
            assertThat(unwilling.presentCount()).isZero();
            client.acceptPush(copy, false);
            assertThatThrownBy(() -> server.push(source, 1_000)).hasMessageContaining("not held here");
        }
    }

    @Test
    void aRestartInTheMiddleFetchesOnlyTheRest() {
        try (LogStore writing = store("a");
                Log source = writing.log("events");
                Replication server = listen(writing)) {
            TestBlocks.append(source, 2000, 200);
            long first;
            try (LogStore reading = store("b");
                    Log copy = reading.log(source.key());
                    Replication client = Replication.connect(reading, server.address())) {
                copy.download(0, 2000);
                until(() -> copy.presentCount() > 300);
                client.close();
                first = copy.presentCount();
            }
            try (LogStore reading = store("b");
                    Log copy = reading.log(source.key());
                    Replication client = Replication.connect(reading, server.address())) {
                assertThat(copy.presentCount()).isEqualTo(first);
                join(copy.download(0, 2000));
                assertThat(client.traffic().blocks().blocksIn()).isEqualTo(2000 - first);
                assertSame(copy, source);
            }
        }
    }

    @Test
    void aClientConnectsAgainWhenItsServerComesBack() throws IOException {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 10, 10);
            Replication server = listen(writing);
            InetSocketAddress address = server.address();
            Events events = new Events();
            ReplicationOptions eager = ReplicationOptions.defaults()
                    .withListener(events)
                    .withRetry(Duration.ofMillis(10), Duration.ofMillis(50));
            try (Replication client = Replication.connect(reading, address, eager)) {
                join(copy.download(0, 10));
                server.close();
                assertThat(events.next()).startsWith("added");
                assertThat(events.next("removed")).startsWith("removed");
                assertThat(events.next("failed")).contains("ERR_CONNECT_FAILED").contains("again");
                TestBlocks.append(source, 10, 10);
                CompletableFuture<byte[]> block = copy.getAsync(15);
                server = Replication.listen(writing, address);
                assertThat(join(block)).isEqualTo(source.get(15));
                assertThat(client.traffic().blocks().blocksIn()).isEqualTo(11);
            } finally {
                server.close();
            }
        }
    }

    @Test
    void anUpdateWaitsForAServerThatIsStillStarting() throws Exception {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 10, 10);
            InetSocketAddress address = unusedAddress();
            ReplicationOptions eager =
                    ReplicationOptions.defaults().withRetry(Duration.ofMillis(10), Duration.ofMillis(50));
            Events events = new Events();
            try (Replication client = Replication.connect(reading, address, eager.withListener(events))) {
                CompletableFuture<Boolean> update = CompletableFuture.supplyAsync(() -> copy.update(LONG));
                assertThat(events.next()).startsWith("failed");
                try (Replication server = Replication.listen(writing, address)) {
                    assertThat(join(update)).isTrue();
                    assertThat(copy.length()).isEqualTo(10);
                }
            }
        }
    }

    @Test
    void whoeverWaitsFailsWhenThereIsNobodyLeftToAsk() throws Exception {
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 10, 10);
            Replication server = listen(writing);
            Replication client = Replication.connect(reading, server.address());
            assertThat(copy.update(LONG)).isTrue();
            server.close();
            CompletableFuture<byte[]> block = copy.getAsync(3);
            CompletableFuture<Void> range = copy.download(0, 10);
            client.close();
            for (CompletableFuture<?> future : List.of(block, range)) {
                assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                EspalierException.class,
                                e -> assertThat(e.code()).isEqualTo("ERR_NOT_FOUND"));
            }
            assertThat(copy.update(LONG)).isFalse();
            assertThatThrownBy(() -> copy.get(3))
                    .isInstanceOfSatisfying(
                            EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_NOT_FOUND"));
        }
    }

    @Test
    void aClientThatTriesOnlyOnceGivesUp() throws Exception {
        try (LogStore reading = store("b");
                Log copy = reading.log(KeyPair.fromSeed(new byte[32]).publicKey())) {
            Events events = new Events();
            ReplicationOptions once =
                    ReplicationOptions.defaults().withoutReconnect().withListener(events);
            try (Replication client = Replication.connect(reading, unusedAddress(), once)) {
                assertThat(events.next()).contains("ERR_CONNECT_FAILED").contains("gives up");
                assertThat(copy.update(LONG)).isFalse();
                assertThatThrownBy(() -> copy.get(0))
                        .isInstanceOfSatisfying(
                                EspalierException.class,
                                e -> assertThat(e.code()).isEqualTo("ERR_NOT_FOUND"));
            }
        }
    }

    @Test
    void eventsTellWhoIsThereAndWhatWasTransferred() {
        KeyPair identity = KeyPair.fromSeed(new byte[32]);
        try (LogStore writing = store("a");
                LogStore reading = store("b");
                Log source = writing.log("events");
                Log copy = reading.log(source.key())) {
            TestBlocks.append(source, 20, 10);
            Events events = new Events();
            try (Replication server = Replication.listen(
                    writing, anyPort(), ReplicationOptions.defaults().withListener(events))) {
                assertThat(events.next()).isEqualTo("listening " + server.address());
                assertThat(server.address().getPort()).isPositive();
                try (Replication client = Replication.connect(
                        reading, server.address(), ReplicationOptions.defaults().withIdentity(identity))) {
                    assertThat(events.next()).isEqualTo("added " + identity.publicKey() + " 0");
                    assertThat(client.address()).isEqualTo(server.address());
                    join(copy.download(0, 20));
                    PeerInfo peer = server.peers().get(0);
                    assertThat(peer.publicKey()).isEqualTo(identity.publicKey());
                    assertThat(peer.initiator()).isFalse();
                    assertThat(peer.traffic().blocks().blocksOut()).isEqualTo(20);
                    assertThat(events.next("transferred")).isEqualTo("transferred " + identity.publicKey() + " 20");
                }
                assertThat(events.next("removed")).isEqualTo("removed " + identity.publicKey() + " 20");
                until(() -> server.peers().isEmpty());
                assertThat(server.traffic().blocks().blocksOut()).isEqualTo(20);
            }
        }
    }

    @Test
    void moreThanSoManyPeersAreTurnedAway() {
        try (LogStore writing = store("a");
                LogStore first = store("b");
                LogStore second = store("c");
                Replication server = Replication.listen(
                        writing, anyPort(), ReplicationOptions.defaults().withMaxPeers(1));
                Replication one = Replication.connect(first, server.address())) {
            until(() -> one.peers().size() == 1);
            Events events = new Events();
            ReplicationOptions once =
                    ReplicationOptions.defaults().withoutReconnect().withListener(events);
            try (Replication two = Replication.connect(second, server.address(), once)) {
                until(() -> {
                    try (Log log = second.log("any")) {
                        return !second.source().canAsk();
                    }
                });
                assertThat(two.peers()).isEmpty();
                assertThat(one.peers()).hasSize(1);
            }
        }
    }

    @Test
    void anAddressInUseIsRefusedWithItsCode() {
        try (LogStore one = store("a");
                LogStore two = store("b");
                Replication server = listen(one)) {
            assertThatThrownBy(() -> Replication.listen(two, server.address()))
                    .isInstanceOfSatisfying(
                            EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_LISTEN_FAILED"));
            assertThat(two.source()).isNull();
        }
    }

    @Test
    void closingEndsAllThreadsAndTwiceIsNoMistake() {
        try (LogStore writing = store("a");
                LogStore reading = store("b")) {
            Events events = new Events();
            Replication server = listen(writing);
            Replication client = Replication.connect(
                    reading, server.address(), ReplicationOptions.defaults().withListener(events));
            until(() -> client.peers().size() == 1);
            client.close();
            client.close();
            server.close();
            assertThat(writing.source()).isNull();
            assertThat(reading.source()).isNull();
            until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("espalier-replication")));
        }
    }

    @Test
    void closingTheStoreFirstHarmsNobody() {
        LogStore writing = store("a");
        LogStore reading = store("b");
        Log source = writing.log("events");
        Log copy = reading.log(source.key());
        TestBlocks.append(source, 3000, 1000);
        Replication server = listen(writing);
        Replication client = Replication.connect(reading, server.address());
        CompletableFuture<Void> all = copy.download(0, 3000);
        until(() -> copy.presentCount() > 100);
        writing.close();
        reading.close();
        assertThatThrownBy(() -> all.get(60, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        client.close();
        server.close();
    }

    // ---- helpers

    private LogStore store(String name) {
        return LogStore.open(folder.resolve(name));
    }

    private static Replication listen(LogStore store) {
        return Replication.listen(store, anyPort());
    }

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** An address that was free a moment ago. */
    private static InetSocketAddress unusedAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    private static void assertSame(Log copy, Log source) {
        assertThat(copy.treeHash()).isEqualTo(source.treeHash());
        assertThat(copy.presentCount()).isEqualTo(source.length());
        TestBlocks.assertSame(copy, source);
    }

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("waited in vain", e);
        }
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come about in " + LONG);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Events as text, in order. */
    static final class Events implements ReplicationListener {

        private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

        @Override
        public void listening(InetSocketAddress address) {
            queue.add("listening " + address);
        }

        @Override
        public void peerAdded(PeerInfo peer) {
            queue.add(
                    "added " + peer.publicKey() + " " + peer.traffic().blocks().blocksOut());
        }

        @Override
        public void peerRemoved(PeerInfo peer, @Nullable EspalierException failure) {
            queue.add("removed " + peer.publicKey() + " "
                    + peer.traffic().blocks().blocksOut() + (failure == null ? "" : " " + failure.code()));
        }

        @Override
        public void transferred(PeerInfo peer) {
            queue.add("transferred " + peer.publicKey() + " "
                    + peer.traffic().blocks().blocksOut());
        }

        @Override
        public void connectFailed(InetSocketAddress address, EspalierException failure, @Nullable Duration retryAfter) {
            queue.add("failed " + failure.code() + (retryAfter == null ? " gives up" : " again"));
        }

        /** The next event. */
        String next() {
            return next("");
        }

        /** The next event that begins like this. */
        String next(String beginning) {
            try {
                while (true) {
                    String event = queue.poll(LONG.toSeconds(), TimeUnit.SECONDS);
                    if (event == null) {
                        throw new AssertionError("no event " + beginning);
                    }
                    if (event.startsWith(beginning)) {
                        return event;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}

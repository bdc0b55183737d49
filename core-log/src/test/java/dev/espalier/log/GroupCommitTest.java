package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.BlockCipher;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appends of several threads that share what they force, and forcing all of a store. */
class GroupCommitTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withPrimaryKey(new byte[32]);
    private static final int THREADS = 16;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Counts what is forced; the first time while {@link #held} is set it waits until so many threads wait for its log. */
    private static final class SlowStorage extends ForwardingStorage {

        private final AtomicInteger forced = new AtomicInteger();
        private volatile @Nullable LogCore held;
        private volatile int company;

        SlowStorage() {
            super(new HastyStorage());
        }

        @Override
        StorageFile file(StorageFile opened) {
            return new ForwardingFile(opened) {
                @Override
                public void force(boolean metadata) {
                    forced.incrementAndGet();
                    LogCore log = held;
                    held = null;
                    while (log != null && log.writing().getQueueLength() < company) {
                        Thread.onSpinWait();
                    }
                }
            };
        }

        void hold(Log log, int others) {
            company = others;
            forced.set(0);
            held = log.core();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void threadsThatAppendAtTheSameTimeForceTogether() throws Exception {
        SlowStorage storage = new SlowStorage();
        try (LogStore store = LogStore.open(folder, OPTIONS.withDurability(Durability.FULL), storage, SMALL);
                Log log = store.log("log")) {
            log.append(bytes("first"));
            List<String> events = new ArrayList<>();
            log.listen(new LogListener() {
                @Override
                public synchronized void blocksStored(Log changed, long start, long count) {
                    events.add(start + " and " + count);
                }
            });
            storage.hold(log, THREADS - 1);
            List<Callable<Long>> calls = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                byte[] block = bytes("block " + i);
                calls.add(() -> log.append(List.of(ByteBuffer.wrap(block), ByteBuffer.wrap(block))));
            }
            List<Future<Long>> results = threads.invokeAll(calls);
            // Data, tree, entries, bits and head, for those that came first and for all others together: not 16 times.
            assertThat(storage.forced).hasValueLessThanOrEqualTo(10);
            assertThat(log.length()).isEqualTo(1 + 2 * THREADS);
            for (int i = 0; i < THREADS; i++) {
                long length = results.get(i).get();
                assertThat(log.get(length - 1)).isEqualTo(bytes("block " + i));
                assertThat(log.get(length - 2)).isEqualTo(bytes("block " + i));
            }
            assertThat(events).hasSizeLessThanOrEqualTo(2);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void whatCannotBeAppendedFailsAloneAmongOthers() throws Exception {
        SlowStorage storage = new SlowStorage();
        BlockCipher broken = new BlockCipher() {
            @Override
            public int padding() {
                return 0;
            }

            @Override
            public void encrypt(long index, long fork, ByteBuffer block, ByteBuffer target) {
                throw new UnsupportedOperationException("broken");
            }

            @Override
            public void decrypt(long index, ByteBuffer stored, ByteBuffer target) {
                throw new UnsupportedOperationException("broken");
            }
        };
        try (LogStore store = LogStore.open(folder, OPTIONS.withDurability(Durability.DATA), storage, SMALL);
                Log log = store.log("log");
                Log bad = store.log("log", LogOptions.encrypted(broken))) {
            log.append(bytes("first"));
            storage.hold(log, 3);
            List<Future<Long>> good = new ArrayList<>();
            Future<Long> failing = threads.submit(() -> bad.append(bytes("bad")));
            for (int i = 0; i < 4; i++) {
                byte[] block = bytes("block " + i);
                good.add(threads.submit(() -> log.append(block)));
            }
            for (int i = 0; i < 4; i++) {
                assertThat(log.get(good.get(i).get() - 1)).isEqualTo(bytes("block " + i));
            }
            assertThatThrownBy(failing::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnsupportedOperationException.class);
            assertThat(log.length()).isEqualTo(5);
            assertThat(storage.forced).hasValueLessThanOrEqualTo(15);
        }
    }

    @Test
    void nothingAcknowledgedToAnyThreadIsLostWithThePower() throws Exception {
        for (String part : List.of("run", "cut")) {
            Files.createDirectories(folder.resolve(part));
        }
        PowerLossStorage storage = new PowerLossStorage(folder.resolve("run"));
        PowerLossStorage.Loss[] losses = PowerLossStorage.Loss.values();
        SplittableRandom random = new SplittableRandom(7);
        ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
        AtomicInteger cuts = new AtomicInteger();
        AtomicInteger present = new AtomicInteger();
        try (LogStore store = LogStore.open(folder.resolve("run"), OPTIONS, storage, SMALL);
                Log log = store.log("log")) {
            storage.beforeChange(
                    () -> { // By the thread that has the log's write lock.
                        if (storage.changes() % 3 == 0) {
                            List<Long> promised = List.copyOf(acknowledged);
                            PowerLossStorage left = storage.afterLoss(
                                    folder.resolve("cut"), losses[cuts.getAndIncrement() % losses.length], random);
                            present.addAndGet(audit(left, promised));
                        }
                    });
            List<Future<?>> results = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                results.add(threads.submit(() -> {
                    for (int i = 0; i < 6; i++) {
                        ByteBuffer block = ByteBuffer.wrap(bytes("x".repeat(30)));
                        acknowledged.add(
                                log.append(List.of(block, block), i % 2 == 0 ? Durability.DATA : Durability.FULL));
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
            storage.beforeChange(() -> {});
            assertThat(acknowledged).hasSize(6 * THREADS).doesNotHaveDuplicates();
        }
        assertThat(cuts).hasValueGreaterThan(20);
        assertThat(present).hasValueGreaterThan(0);
    }

    /** Number of blocks that are there. */
    private int audit(PowerLossStorage left, List<Long> promised) {
        try (LogStore store = LogStore.open(folder.resolve("cut"), OPTIONS, left, SMALL);
                Log log = store.log("log")) {
            assertThat(promised).allSatisfy(length -> assertThat(length).isLessThanOrEqualTo(log.length()));
            assertThat(log.contiguousLength()).isEqualTo(log.length());
            assertThat(LogAudit.run(log).bad()).isEmpty();
            return (int) log.length();
        }
    }

    @Test
    void syncPutsAllThatWasAcknowledgedOnTheDevice() throws Exception {
        for (String part : List.of("run", "cut")) {
            Files.createDirectories(folder.resolve(part));
        }
        PowerLossStorage storage = new PowerLossStorage(folder.resolve("run"));
        try (LogStore store = LogStore.open(folder.resolve("run"), OPTIONS, storage, SMALL);
                Log one = store.log("one");
                Log two = store.log("two");
                LogBranch branch = two.branch("draft")) {
            one.append(bytes("a"));
            two.append(bytes("b"));
            branch.append(bytes("c"));
            assertThat(lengthsAfterLoss(storage)).isEqualTo("0 0 0");
            store.sync();
            assertThat(lengthsAfterLoss(storage)).isEqualTo("1 1 1");
            one.append(bytes("a"));
            assertThat(lengthsAfterLoss(storage)).isEqualTo("1 1 1");
            store.namespace("other").sync();
            assertThat(lengthsAfterLoss(storage)).isEqualTo("2 1 1");
        }
    }

    private String lengthsAfterLoss(PowerLossStorage storage) {
        PowerLossStorage left =
                storage.afterLoss(folder.resolve("cut"), PowerLossStorage.Loss.ALL, new SplittableRandom(1));
        try (LogStore store = LogStore.open(folder.resolve("cut"), OPTIONS, left, SMALL);
                Log one = store.log("one");
                Log two = store.log("two");
                LogBranch branch = two.branch("draft")) {
            return one.length() + " " + two.length() + " " + branch.length();
        }
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers beside a writer, writers beside each other, and interrupts in the middle. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ConcurrencyTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 16);

    @TempDir
    Path folder;

    private LogStore open(String name) {
        return LogStore.open(folder.resolve(name), StoreOptions.defaults(), new FileStorage(MappingMode.best()), SMALL);
    }

    /** Block {@code index} of fork {@code fork}: whoever reads it can tell whether it is whole. */
    private static ByteBuffer block(long fork, long index) {
        ByteBuffer block = ByteBuffer.allocate(16 + (int) (index * 31 % 500));
        byte fill = (byte) (fork * 7 + index);
        while (block.hasRemaining()) {
            block.put(fill);
        }
        return block.putLong(0, fork).putLong(8, index).flip();
    }

    private static void checkBlock(ByteBuffer block, long index) {
        block.order(ByteOrder.BIG_ENDIAN);
        long fork = block.getLong(0);
        assertThat(block.getLong(8)).isEqualTo(index);
        assertThat(block).isEqualTo(block(fork, index));
    }

    private static void finish(ExecutorService threads, List<Future<Void>> running) throws Exception {
        threads.shutdown();
        for (Future<Void> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause());
            }
        }
    }

    @Test
    void readersSeeWholeBlocksAndValidProofsWhileTheWriterAppendsAndTruncates() throws Exception {
        try (LogStore store = open("writer");
                Log log = store.log("x")) {
            AtomicBoolean done = new AtomicBoolean();
            ExecutorService threads = Executors.newFixedThreadPool(3);
            List<Future<Void>> running = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                SplittableRandom random = new SplittableRandom(reader);
                running.add(threads.submit(() -> readAll(log, random, done)));
            }
            running.add(threads.submit(() -> prove(log, done)));
            try {
                SplittableRandom random = new SplittableRandom(99);
                for (int round = 0; round < 1500; round++) {
                    List<ByteBuffer> batch = new ArrayList<>();
                    for (int i = 0; i <= round % 13; i++) {
                        batch.add(block(log.fork(), log.length() + i));
                    }
                    log.append(batch);
                    if (round % 50 == 49) {
                        log.truncate(random.nextLong(log.length()));
                    }
                }
            } finally {
                done.set(true);
            }
            finish(threads, running);
            assertThat(LogAudit.run(log).bad()).isEmpty();
        }
    }

    private static Void readAll(Log log, SplittableRandom random, AtomicBoolean done) {
        while (!done.get()) {
            long length = log.length();
            if (length > 0) {
                long index = random.nextLong(length);
                log.read(index, block -> checkBlock(block, index));
                assertThat(log.contiguousLength()).isNotNegative();
            }
        }
        return null;
    }

    /** Fresh readers follow the log as it is at some moment; what they are told must hold. */
    private static Void prove(Log log, AtomicBoolean done) {
        while (!done.get()) {
            long length = log.length();
            if (length == 0) {
                continue;
            }
            try {
                Proof proof = log.prove(new ProofRequest(
                        new ProofRequest.Node(length / 2, 0), null, null, new ProofRequest.Upgrade(0, length), true));
                TreeHead nothing = TreeHead.of(proof.fork(), List.of(), null);
                assertThat(new ProofVerifier(log.key(), null).verify(index -> null, nothing, proof))
                        .isNotNull();
            } catch (VerificationException e) {
                // Refused because the log became shorter than what was asked for, never because it does not hold.
                assertThat(e.code()).isEqualTo(VerificationException.INVALID_OPERATION);
                assertThat(log.fork()).isPositive();
            } catch (EspalierException e) {
                assertThat(e.code()).isEqualTo("ERR_NOT_FOUND");
            }
        }
        return null;
    }

    @Test
    void writersOfOneLogTakeTurns() throws Exception {
        int threadCount = 4;
        int each = 200;
        try (LogStore store = open("writer");
                Log log = store.log("x")) {
            ExecutorService threads = Executors.newFixedThreadPool(threadCount);
            List<Future<Void>> running = new ArrayList<>();
            for (int t = 0; t < threadCount; t++) {
                byte id = (byte) t;
                Callable<Void> writer = () -> {
                    try (Log mine = log.session()) {
                        for (int i = 0; i < each; i++) {
                            mine.append(List.of(
                                    ByteBuffer.wrap(new byte[] {id, (byte) i}),
                                    ByteBuffer.wrap(new byte[] {id, (byte) i, 1})));
                        }
                    }
                    return null;
                };
                running.add(threads.submit(writer));
            }
            finish(threads, running);
            assertThat(log.length()).isEqualTo(2L * threadCount * each);
            int[] next = new int[threadCount];
            for (long i = 0; i < log.length(); i += 2) {
                byte[] first = log.get(i);
                byte[] second = log.get(i + 1);
                assertThat(second).startsWith(first);
                assertThat(first[1]).isEqualTo((byte) next[first[0]]++);
            }
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void readersFetchInParallel() throws Exception {
        try (LogStore writers = open("writer");
                LogStore readers = open("reader");
                Log source = writers.log("x");
                Log reader = readers.log(source.key())) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                blocks.add(block(0, i));
            }
            source.append(blocks);
            reader.apply(SparseLogTest.upgrade(source, reader));
            ExecutorService threads = Executors.newFixedThreadPool(3);
            List<Future<Void>> running = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int from = t;
                running.add(threads.submit(() -> {
                    // Two of three threads want each block.
                    for (int i = from; i < 600 + from; i++) {
                        if (i % 3 != from) {
                            reader.apply(SparseLogTest.fetch(source, reader, i % 600));
                        }
                    }
                    return null;
                }));
            }
            finish(threads, running);
            assertThat(reader.contiguousLength()).isEqualTo(600);
            assertThat(reader.presentCount()).isEqualTo(600);
            assertThat(reader.storageUse().dataBytes())
                    .isLessThan(source.storageUse().dataBytes() + (1 << 16));
            assertThat(LogAudit.run(reader).bad()).isEmpty();
        }
    }

    @Test
    void anInterruptedWriterGoesOn() {
        try (LogStore store = open("writer");
                Log log = store.log("x")) {
            for (int i = 0; i < 20; i++) {
                Thread.currentThread().interrupt();
                log.append(List.of(block(0, i)), i % 2 == 0 ? Durability.NONE : Durability.DATA);
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(log.length()).isEqualTo(20);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
        try (LogStore store = open("writer");
                Log log = store.log("x")) {
            assertThat(log.length()).isEqualTo(20);
        }
    }
}

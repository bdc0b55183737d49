package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots under what a list cannot show: reorganisations, sparse logs, readers beside a writer, closing. */
class SnapshotTest {

    @TempDir
    Path folder;

    private static byte[] block(int fork, int index) {
        return ("block " + index + " of fork " + fork).getBytes(StandardCharsets.UTF_8);
    }

    private static void append(Log log, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(block((int) log.fork(), (int) log.length() + i)));
        }
        log.append(blocks);
    }

    @Test
    void aSnapshotOfASparseReaderOutlivesAReorganisation() {
        try (LogStore writers = LogStore.open(folder.resolve("writer"));
                Log source = writers.log("log");
                LogStore readers = LogStore.open(folder.resolve("reader"));
                Log reader = readers.log(source.key())) {
            append(source, 20);
            reader.apply(source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
            for (int i = 0; i < 20; i += 2) {
                reader.apply(SparseLogTest.fetch(source, reader, i));
            }
            try (LogSnapshot snapshot = reader.snapshot()) {
                source.truncate(9);
                append(source, 20);
                Proof first = source.prove(ProofRequest.ofUpgrade(0, 29));
                LogReorg reorg = reader.reorg(first);
                while (reorg.want() != null) {
                    reorg.update(source.prove(reorg.want().request(reorg.want().start())));
                }
                assertThat(reorg.apply()).isTrue();
                assertThat(reader.length()).isEqualTo(29);

                assertThat(snapshot.length()).isEqualTo(20);
                assertThat(snapshot.fork()).isZero();
                assertThat(snapshot.signedLength()).isBetween(0L, 9L);
                for (int i = 0; i < 20; i += 2) {
                    assertThat(snapshot.get(i)).isEqualTo(block(0, i));
                }
                for (int i = 11; i < 20; i += 2) {
                    int index = i;
                    assertThatThrownBy(() -> snapshot.get(index))
                            .extracting("code")
                            .isEqualTo("SNAPSHOT_NOT_AVAILABLE");
                }
            }
        }
    }

    @Test
    void readersOfASnapshotNeverSeeWhatAWriterDoes() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            append(log, 200);
            AtomicBoolean done = new AtomicBoolean();
            try (LogSnapshot snapshot = log.snapshot()) {
                Callable<Integer> reading = () -> {
                    int rounds = 0;
                    while (!done.get() || rounds == 0) {
                        for (int i = 0; i < 200; i++) {
                            assertThat(snapshot.get(i)).isEqualTo(block(0, i));
                        }
                        assertThat(snapshot.treeHash(200)).isEqualTo(snapshot.treeHash());
                        rounds++;
                    }
                    return rounds;
                };
                List<Future<Integer>> readers = List.of(threads.submit(reading), threads.submit(reading));
                try {
                    for (int i = 0; i < 60; i++) {
                        log.truncate(190 - 3 * i);
                        append(log, 10);
                    }
                } finally {
                    done.set(true);
                }
                for (Future<Integer> reader : readers) {
                    assertThat(reader.get()).isPositive();
                }
                assertThat(snapshot.signedLength()).isEqualTo(13);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aSnapshotKeepsTheLogOpenAndEndsWithItsStore() {
        LogStore store = LogStore.open(folder);
        Log log = store.log("log");
        append(log, 3);
        LogSnapshot snapshot = log.snapshot();
        LogSnapshot closed = log.snapshot();
        closed.close();
        closed.close();
        log.close();
        assertThatThrownBy(() -> closed.get(0)).isInstanceOf(IllegalStateException.class);
        assertThat(snapshot.get(0)).isEqualTo(block(0, 0));
        store.close();
        assertThatThrownBy(() -> snapshot.get(0)).isInstanceOf(IllegalStateException.class);
        snapshot.close();
    }
}

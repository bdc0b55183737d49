package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Key;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One scripted run over a writer and a sparse reader, failed at each of its changes to the disk in turn: what was
 * acknowledged is there afterwards, and nothing that was not is seen.
 */
class FaultTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    @TempDir
    Path folder;

    /** The log that the reader follows. */
    private static final class Source implements AutoCloseable {

        private final LogStore store;
        private final Log log;

        Source(Path folder) {
            store = LogStore.open(folder);
            log = store.log("source");
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** What a run has acknowledged, and what it was about to do. */
    private static final class Progress {

        private List<String> blocks = new ArrayList<>();
        private List<String> next = new ArrayList<>();
        private final List<Long> fetched = new ArrayList<>();
        private long readerLength;
        private long nextReaderLength;

        void wants(List<String> content) {
            next = content;
        }

        void done() {
            blocks = next;
        }
    }

    private static void run(LogStore store, Log source, Progress progress) {
        try (Log log = store.log("own");
                Log reader = store.log(source.key())) {
            for (int round = 0; round < 6; round++) {
                append(log, progress, 1 + round * 3, round % 2 == 0 ? Durability.NONE : Durability.DATA);
                if (round == 3) {
                    int keep = progress.blocks.size() / 2 + 1;
                    progress.wants(List.copyOf(progress.blocks.subList(0, keep)));
                    log.truncate(keep);
                    progress.done();
                }
                follow(reader, source, progress, round);
            }
        }
    }

    private static void append(Log log, Progress progress, int count, Durability durability) {
        List<String> wanted = new ArrayList<>(progress.blocks);
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String block = "block " + log.fork() + " " + wanted.size() + " " + "x".repeat(wanted.size() * 11 % 700);
            wanted.add(block);
            batch.add(ByteBuffer.wrap(block.getBytes(StandardCharsets.UTF_8)));
        }
        progress.wants(wanted);
        log.append(batch, durability);
        progress.done();
    }

    private static void follow(Log reader, Log source, Progress progress, int round) {
        int length = 5 + round * 7;
        progress.nextReaderLength = source.length();
        if (reader.length() == 0) {
            reader.apply(SparseLogTest.upgrade(source, reader));
        }
        progress.readerLength = source.length();
        for (long block = round; block < length; block += 5) {
            reader.apply(SparseLogTest.fetch(source, reader, block));
            progress.fetched.add(block);
        }
    }

    private static void check(Path store, Key source, Log original, Progress progress) {
        for (int opening = 0; opening < 2; opening++) {
            try (LogStore opened = LogStore.open(store);
                    Log log = opened.log("own");
                    Log reader = opened.log(source)) {
                List<String> found = new ArrayList<>();
                for (long i = 0; i < log.length(); i++) {
                    found.add(new String(log.get(i), StandardCharsets.UTF_8));
                }
                assertThat(found).isIn(progress.blocks, progress.next);
                assertThat(LogAudit.run(log).bad()).isEmpty();
                assertThat(reader.length()).isIn(progress.readerLength, progress.nextReaderLength);
                for (long block : progress.fetched) {
                    assertThat(reader.get(block)).isEqualTo(original.get(block));
                }
                assertThat(LogAudit.run(reader).bad()).isEmpty();
                progress.wants(found);
                progress.done();
                append(log, progress, 3, Durability.NONE);
                if (reader.length() == 0) {
                    reader.apply(SparseLogTest.upgrade(original, reader));
                }
                for (long block = 0; block < reader.length(); block++) {
                    reader.apply(SparseLogTest.fetch(original, reader, block));
                    assertThat(reader.get(block)).isEqualTo(original.get(block));
                }
                progress.readerLength = reader.length();
                assertThat(LogAudit.run(log).bad()).isEmpty();
                assertThat(LogAudit.run(reader).bad()).isEmpty();
            }
        }
    }

    /** Runs the script with a fault at change {@code at}; false when the script ended before it. */
    private boolean fail(FaultyStorage.Fault fault, long at, Log source) {
        Path place = folder.resolve(fault + "-" + at);
        FaultyStorage storage = new FaultyStorage(fault, at);
        Progress progress = new Progress();
        LogStore store = null;
        boolean failed = false;
        try {
            store = LogStore.open(place, StoreOptions.defaults(), storage, SMALL);
            run(store, source, progress);
        } catch (FaultyStorage.Killed e) {
            failed = true;
        } catch (StorageException e) {
            failed = true;
            boolean full = fault == FaultyStorage.Fault.FULL;
            assertThat(e.code()).isEqualTo(full ? "ERR_STORAGE_FULL" : "ERR_STORAGE");
        }
        if (store != null) {
            if (failed) {
                try {
                    store.close();
                } catch (RuntimeException e) {
                    assertThat(e).isInstanceOfAny(FaultyStorage.Killed.class, StorageException.class);
                }
            } else {
                try {
                    store.close();
                } catch (FaultyStorage.Killed | StorageException e) {
                    failed = true;
                }
            }
        }
        check(place, source.key(), source, progress);
        return failed;
    }

    @ParameterizedTest
    @EnumSource(FaultyStorage.Fault.class)
    void nothingAcknowledgedIsLostWhereverTheRunFails(FaultyStorage.Fault fault) throws Exception {
        try (Source source = new Source(folder.resolve("source"))) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                blocks.add(ByteBuffer.wrap(new byte[] {(byte) i, 1, 2}));
            }
            source.log.append(blocks);
            FaultyStorage counting = new FaultyStorage(fault, Long.MAX_VALUE);
            try (LogStore store = LogStore.open(folder.resolve("counting"), StoreOptions.defaults(), counting, SMALL)) {
                run(store, source.log, new Progress());
            }
            long changes = counting.changes();
            assertThat(changes).isGreaterThan(250);
            int step = Integer.getInteger("espalier.fault.step", 3);
            int cuts = 0;
            for (long at = 1L + fault.name().length() % step; at <= changes; at += step) {
                fail(fault, at, source.log);
                cuts++;
            }
            System.out.println("fault " + fault + ": " + cuts + " of " + changes + " cuts");
        }
    }

    @Test
    void aFullDiskStopsTheWriterAndNothingElse() {
        try (LogStore store = LogStore.open(
                folder, StoreOptions.defaults(), new FaultyStorage(FaultyStorage.Fault.FULL, 100), SMALL)) {
            Log log = store.log("full");
            Log other = store.log("other");
            long acknowledged = 0;
            StorageException failure = null;
            while (failure == null) {
                try {
                    acknowledged = log.append(new byte[] {1, 2, 3});
                } catch (StorageFullException e) {
                    failure = e;
                }
            }
            assertThat(acknowledged).isPositive();
            assertThat(failure.file()).isNotNull();
            assertThatThrownBy(() -> log.append(new byte[1]))
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining("make room and open it again");
            assertThatThrownBy(log::sync).isInstanceOf(StorageFullException.class);
            assertThat(log.length()).isEqualTo(acknowledged);
            assertThat(log.get(0)).containsExactly(1, 2, 3);
            assertThat(other.append(new byte[1])).isEqualTo(1);
            log.close();
            try (Log again = store.log("full")) {
                assertThat(again.length()).isEqualTo(acknowledged);
                assertThat(again.append(new byte[1])).isEqualTo(acknowledged + 1);
                assertThat(LogAudit.run(again).ok()).isTrue();
            }
        }
    }
}

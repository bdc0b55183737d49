package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.ProofRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that is given up, and what stays. */
class ClearTest {

    @TempDir
    Path folder;

    private static byte[] block(int index, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) (index + 1));
        return bytes;
    }

    private static void append(Log log, int count, int size) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(block((int) log.length() + i, size)));
        }
        log.append(blocks);
    }

    @Test
    void clearedBlocksAreAbsentAndLengthAndTreeStay() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            append(log, 20, 10);
            Hash tree = log.treeHash();
            log.clear(5, 8);

            assertThat(log.length()).isEqualTo(20);
            assertThat(log.byteLength()).isEqualTo(200);
            assertThat(log.treeHash()).isEqualTo(tree);
            assertThat(log.contiguousLength()).isEqualTo(5);
            assertThat(log.presentCount()).isEqualTo(17);
            assertThat(log.nextAbsent(0, 20)).isEqualTo(5);
            assertThat(log.nextPresent(5, 20)).isEqualTo(8);
            for (int i = 5; i < 8; i++) {
                int index = i;
                assertThat(log.has(i)).isFalse();
                assertThat(log.blockLength(i)).isEqualTo(-1);
                assertThat(log.view(i)).isEmpty();
                assertThatThrownBy(() -> log.get(index)).extracting("code").isEqualTo("ERR_NOT_FOUND");
            }
            assertThat(log.get(4)).isEqualTo(block(4, 10));
            assertThat(log.get(8)).isEqualTo(block(8, 10));
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void everyNodeIsKeptSoThatOthersCanStillBeServedAndTheLogBeTruncated() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            append(log, 4, 10);
            log.clear(1, 2);
            // Peers that delete nodes with the data cannot do these two.
            assertThat(log.prove(ProofRequest.ofBlock(0, 2)).block()).isNotNull();
            log.truncate(1);
            assertThat(log.get(0)).isEqualTo(block(0, 10));
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void whatWasClearedCanBeFetchedAgain() {
        try (LogStore writers = LogStore.open(folder.resolve("writer"));
                Log source = writers.log("log");
                LogStore readers = LogStore.open(folder.resolve("reader"));
                Log reader = readers.log(source.key())) {
            append(source, 30, 5000);
            reader.apply(source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 30), true)));
            for (int i = 0; i < 30; i++) {
                reader.apply(SparseLogTest.fetch(source, reader, i));
            }
            reader.clear(0, 30);
            assertThat(reader.presentCount()).isZero();
            assertThat(reader.contiguousLength()).isZero();
            for (int i = 29; i >= 0; i--) {
                assertThat(reader.apply(SparseLogTest.fetch(source, reader, i))).isTrue();
                assertThat(reader.get(i)).isEqualTo(block(i, 5000));
            }
            assertThat(reader.contiguousLength()).isEqualTo(30);
            assertThat(LogAudit.run(reader).ok()).isTrue();
        }
    }

    @Test
    void clearingIsKeptOverReopening() {
        try (LogStore store = LogStore.open(folder)) {
            try (Log log = store.log("log")) {
                append(log, 100, 3);
                log.clear(64, 1000);
                log.clear(10, 11);
            }
            try (Log log = store.log("log")) {
                assertThat(log.length()).isEqualTo(100);
                assertThat(log.presentCount()).isEqualTo(63);
                assertThat(log.contiguousLength()).isEqualTo(10);
            }
        }
    }

    @Test
    void listenersHearOfTheBlocksThatWereHeld() throws Exception {
        List<String> heard = new ArrayList<>();
        LogListener listener = new LogListener() {
            @Override
            public void blocksCleared(Log log, long start, long count) {
                assertThat(log.has(start)).isFalse();
                heard.add(start + "+" + count);
            }
        };
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log");
                AutoCloseable listening = log.listen(listener)) {
            append(log, 10, 3);
            log.clear(2, 4);
            log.clear(0, 6);
            log.clear(0, 6);
            log.clear(7, 7);
            log.clear(9, Long.MAX_VALUE);
            log.clear(50, 60);
        }
        assertThat(heard).containsExactly("2+2", "0+6", "9+1");
    }

    @Test
    void badRangesAreRefused() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            assertThatThrownBy(() -> log.clear(-1, 2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.clear(3, 2)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatTheFilesGiveBackIsWhatTheCallSays() throws IOException, InterruptedException {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            append(log, 64, 10_000);
            log.sync();
            long before = diskBytes();
            long freed = log.clear(10, 50);
            if (HolePunch.instance() == null) {
                assertThat(freed).isZero();
            } else {
                // 400,000 bytes that neither begin nor end with a page.
                assertThat(freed).isBetween(400_000L - 2 * 4096, 400_000L);
                assertThat(before - diskBytes()).isEqualTo(freed);
            }
            assertThat(log.get(9)).isEqualTo(block(9, 10_000));
            assertThat(log.get(50)).isEqualTo(block(50, 10_000));
            assertThat(log.clear(10, 50)).isZero();
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    /** Bytes that the data file takes, as {@code du} says. */
    private long diskBytes() throws IOException, InterruptedException {
        Path data;
        try (Stream<Path> files = Files.walk(folder)) {
            data = files.filter(path -> path.endsWith("data")).findFirst().orElseThrow();
        }
        if (HolePunch.instance() == null) {
            return Files.size(data);
        }
        Process du = new ProcessBuilder("du", "-B1", data.toString()).start();
        String text = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(text.split("\\s")[0]);
    }

    @Test
    void anOpenViewKeepsItsBytesAndTheRoomIsGivenBackAfterIt() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("log")) {
            append(log, 10, 20_000);
            try (BlockView view = log.view(3).orElseThrow()) {
                assertThat(log.clear(0, 10)).isZero();
                assertThat(view.bytes()).isEqualTo(ByteBuffer.wrap(block(3, 20_000)));
            }
            assumeTrue(HolePunch.instance() != null, "holes cannot be made here");
            assertThat(log.clear(0, 10)).isBetween(200_000L - 2 * 4096, 200_000L);
        }
    }

    @Test
    void theBitsAreForcedBeforeAnyRoomIsGivenBack() {
        List<String> order = new ArrayList<>();
        Storage storage = new GivingStorage(order);
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults(), storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("log")) {
            append(log, 10, 5000);
            log.sync();
            order.clear();
            assertThat(log.clear(2, 5)).isEqualTo(12288);
            assertThat(order.subList(order.size() - 3, order.size()))
                    .containsExactly("force bits", "force entries", "give back data 12288 of 16384");
        }
    }

    @Test
    void clearedBlocksStayAbsentAfterAKill() {
        for (int k = 1; k < 40; k++) {
            Path place = folder.resolve("k" + k);
            FaultyStorage faulty = new FaultyStorage(FaultyStorage.Fault.KILL, Long.MAX_VALUE);
            long before;
            try (LogStore store = LogStore.open(place, options(), faulty, LogFiles.Segments.DEFAULT);
                    Log log = store.log("log")) {
                append(log, 20, 10);
                before = faulty.changes();
            }
            Path again = folder.resolve("again" + k);
            FaultyStorage dying = new FaultyStorage(FaultyStorage.Fault.KILL, before + k);
            boolean died = false;
            LogStore store = LogStore.open(again, options(), dying, LogFiles.Segments.DEFAULT);
            try {
                Log log = store.log("log");
                append(log, 20, 10);
                log.clear(3, 7);
                log.close();
            } catch (FaultyStorage.Killed | StorageException e) {
                died = true;
            }
            try {
                store.close();
            } catch (FaultyStorage.Killed | StorageException e) {
                died = true;
            }
            try (LogStore next = LogStore.open(again, options());
                    Log log = next.log("log")) {
                assertThat(log.length()).isEqualTo(20);
                assertThat(log.presentCount()).isIn(16L, 20L);
                assertThat(LogAudit.run(log).ok()).isTrue();
            }
            if (!died) {
                return;
            }
        }
        throw new AssertionError("every run died");
    }

    private static StoreOptions options() {
        return StoreOptions.defaults().withPrimaryKey(new byte[32]);
    }
}

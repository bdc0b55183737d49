package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreBackupTest {

    @TempDir
    Path folder;

    private Path copy;

    private LogStore open(String name) {
        return LogStore.open(folder.resolve(name));
    }

    private StoreBackup.Report backUp(LogStore store) {
        copy = folder.resolve("copy");
        return StoreBackup.run(store, copy, one -> {});
    }

    private static byte[] block(int i) {
        return ("block " + i).repeat(i % 7).getBytes(UTF_8);
    }

    private static void assertSame(Log copied, Log log) {
        assertThat(copied.head()).usingRecursiveComparison().isEqualTo(log.head());
        assertThat(copied.manifest()).isEqualTo(log.manifest());
        LogAudit.Report report = LogAudit.run(copied);
        assertThat(report.bad()).isEmpty();
        assertThat(report.nodes()).isEqualTo(LogAudit.run(log).nodes());
        for (long i = 0; i < log.length(); i++) {
            assertThat(copied.has(i)).isEqualTo(log.has(i));
            if (log.has(i)) {
                assertThat(copied.get(i)).isEqualTo(log.get(i));
            }
        }
    }

    @Test
    void allLogsAreInTheCopyWithTheirNotesAndNames() throws Exception {
        Key foreign;
        try (LogStore theirs = open("theirs");
                Log source = theirs.log("x");
                LogStore store = open("store");
                Log events = store.log("events");
                Log cut = store.namespace("n").log("cut");
                Log empty = store.log("empty");
                Log secret = store.log("secret", LogOptions.encrypted(new byte[32]));
                Log sparse = store.log(source.key())) {
            foreign = source.key();
            for (int i = 0; i < 100; i++) {
                events.append(block(i));
                cut.append(block(i + 1));
                source.append(block(i + 2));
            }
            events.userData("note", new byte[] {1, 2});
            events.clear(20, 60);
            cut.truncate(0, 7);
            secret.append(block(3));
            sparse.apply(SparseLogTest.upgrade(source, sparse));
            for (long i : new long[] {0, 3, 50, 99}) {
                sparse.apply(SparseLogTest.fetch(source, sparse, i));
            }
            List<StoreBackup.Copied> told = new ArrayList<>();
            copy = folder.resolve("copy");
            StoreBackup.Report report = StoreBackup.run(store, copy, told::add);
            assertThat(report.logs()).isEqualTo(5);
            assertThat(report.blocks()).isEqualTo(60 + 1 + 4);
            assertThat(told).filteredOn(StoreBackup.Copied::held).hasSize(4);
            try (LogStore restored = LogStore.open(copy, StoreOptions.defaults().existing());
                    Log eventsCopy = restored.log("events");
                    Log cutCopy = restored.namespace("n").log("cut");
                    Log emptyCopy = restored.log("empty");
                    Log secretCopy = restored.log("secret", LogOptions.encrypted(new byte[32]));
                    Log sparseCopy = restored.log(foreign)) {
                assertSame(eventsCopy, events);
                assertSame(cutCopy, cut);
                assertThat(cutCopy.fork()).isEqualTo(7);
                assertSame(emptyCopy, empty);
                assertThat(secretCopy.get(0)).isEqualTo(block(3));
                assertSame(sparseCopy, sparse);
                assertThat(sparseCopy.restored()).isFalse();
                assertThat(eventsCopy.userData("note")).containsExactly(1, 2);
                assertThat(restored.discoveryKeys()).isEqualTo(store.discoveryKeys());
            }
        }
    }

    /** Two logs that always grow together by atoms, and one that is cut and grows alone, while copies are made. */
    @Test
    void whatChangesTogetherIsTogetherInTheCopy() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (LogStore store = open("store");
                Log one = store.log("one");
                Log two = store.log("two");
                Log other = store.log("other")) {
            one.append(block(0));
            two.append(block(0));
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 1; !stop.get(); i++) {
                        try (Atom atom = store.atom()) {
                            atom.append(one, block(i));
                            atom.append(two, block(i));
                            atom.commit();
                        }
                        other.append(block(i));
                        if (i % 10 == 0) {
                            other.truncate(other.length() / 2);
                            other.clear(0, 3);
                        }
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            writer.start();
            long last = 0;
            for (int round = 0; round < 8; round++) {
                long before = one.length();
                copy = folder.resolve("copy" + round);
                StoreBackup.run(store, copy, log -> {});
                try (LogStore restored = LogStore.open(copy);
                        Log oneCopy = restored.log("one");
                        Log twoCopy = restored.log("two");
                        Log otherCopy = restored.log("other")) {
                    assertThat(oneCopy.length()).isEqualTo(twoCopy.length()).isGreaterThanOrEqualTo(before);
                    assertThat(oneCopy.presentCount()).isEqualTo(oneCopy.length());
                    assertThat(LogAudit.run(oneCopy).ok()).isTrue();
                    assertThat(LogAudit.run(otherCopy).bad()).isEmpty();
                    last = oneCopy.length();
                }
                long reached = last;
                long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (one.length() <= reached && failure.get() == null && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
            }
            stop.set(true);
            writer.join();
            assertThat(failure.get()).isNull();
            assertThat(one.length()).isGreaterThan(last);
        }
    }

    @Test
    void aRestoredLogIsNotSignedBeforeItIsRecovered() {
        try (LogStore store = open("store");
                Log log = store.log("x");
                Log other = store.log("other")) {
            log.append(block(1));
            other.append(block(1));
            backUp(store);
            log.append(block(2));
            assertThat(log.restored()).isFalse();
            try (LogStore restored = LogStore.open(copy);
                    Log held = restored.log("x");
                    Log forced = restored.log("other")) {
                assertThat(held.restored()).isTrue();
                assertThat(held.writable()).isTrue();
                assertHeld(() -> held.append(block(9)));
                assertHeld(() -> held.truncate(0));
                assertHeld(() -> {
                    try (Atom atom = restored.atom()) {
                        atom.append(held, block(9));
                        atom.commit();
                    }
                });
                assertThat(held.recover(Duration.ofSeconds(1))).isFalse();
                assertThat(held.get(0)).isEqualTo(block(1));
                forced.endRecovery();
                assertThat(forced.append(block(5))).isEqualTo(2);
            }
            try (LogStore restored = LogStore.open(copy);
                    Log held = restored.log("x");
                    Log forced = restored.log("other")) {
                assertHeld(() -> held.append(block(9)));
                assertThat(forced.append(block(6))).isEqualTo(3);
            }
        }
    }

    private static void assertHeld(Runnable signing) {
        EspalierException refused = catchThrowableOfType(EspalierException.class, signing::run);
        assertThat(refused.code()).isEqualTo("ERR_RESTORED");
    }

    @Test
    void aDamagedBlockStopsTheBackupAndLeavesNothing() throws Exception {
        try (LogStore store = open("store");
                Log log = store.log("x")) {
            log.append(block(5));
            flip(LogFolder.of(store.folder(), log.discoveryKey()).file(FileKind.DATA), 4096 + 3);
            CorruptLogException found = catchThrowableOfType(CorruptLogException.class, () -> backUp(store));
            assertThat(found).hasMessageContaining("hash to its leaf");
            assertThat(copy).doesNotExist();
            assertThat(folder.resolve("copy.partial")).doesNotExist();
        }
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAlone() throws Exception {
        try (LogStore store = open("store")) {
            Files.createDirectories(folder.resolve("copy/something"));
            EspalierException refused = catchThrowableOfType(EspalierException.class, () -> backUp(store));
            assertThat(refused.code()).isEqualTo("ERR_DIR_NONEMPTY");
            Files.delete(folder.resolve("copy/something"));
            assertThat(backUp(store).logs()).isZero();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x55)).flip();
            channel.write(one, offset);
        }
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does on a disk without room, and once there is room again. */
class FullDiskTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withPrimaryKey(new byte[32]);

    @TempDir
    Path temp;

    private Path folder;
    private FullDiskStorage disk;

    @BeforeEach
    void makeDisk() throws Exception {
        folder = Files.createDirectories(temp.resolve("store"));
        disk = new FullDiskStorage(new PowerLossStorage(folder), 60);
    }

    private LogStore open() {
        return LogStore.open(folder, OPTIONS, disk, SMALL);
    }

    private static byte[] block(long index) {
        byte[] block = new byte[(int) (100 + index * 37 % 900)];
        Arrays.fill(block, (byte) index);
        return block;
    }

    /** Appends until there is no room; the length acknowledged last. */
    private long fill(Log log) {
        for (long length = log.length(); ; length++) {
            try {
                assertThat(log.append(block(length))).isEqualTo(length + 1);
            } catch (StorageFullException e) {
                assertThat(e.code()).isEqualTo("ERR_STORAGE_FULL");
                assertThat(e.getMessage()).contains("No space left on device");
                assertThat(e.file()).isNotNull();
                assertThat(disk.free()).isZero();
                return length;
            }
        }
    }

    private static void assertWhole(Log log, long length) {
        assertThat(log.length()).isEqualTo(length);
        for (long i = 0; i < length; i++) {
            assertThat(log.get(i)).isEqualTo(block(i));
        }
        assertThat(LogAudit.run(log).bad()).isEmpty();
    }

    @Test
    void aFullDiskStopsTheWriterAndNothingElse() {
        try (LogStore store = open()) {
            Log log = store.log("full");
            Log other = store.log("other");
            other.append(block(0));
            long length = fill(log);
            assertWhole(log, length);
            assertWhole(other, 1);
            assertThatThrownBy(() -> log.append(block(length)))
                    .isInstanceOf(StorageFullException.class)
                    .hasMessageContaining("make room and open it again");
            assertThatThrownBy(log::sync).isInstanceOf(StorageFullException.class);
            assertThatThrownBy(() -> store.log("new")).isInstanceOf(StorageFullException.class);

            disk.add(100);
            // It goes on by being opened again, in the same store.
            assertThatThrownBy(() -> log.append(block(length))).hasMessageContaining("open it again");
            log.close();
            try (Log again = store.log("full")) {
                assertThat(again.append(block(length))).isEqualTo(length + 1);
                assertWhole(again, length + 1);
            }
            assertThat(other.append(block(1))).isEqualTo(2);
            try (Log made = store.log("new")) {
                assertThat(made.append(block(0))).isEqualTo(1);
            }
        }
        try (LogStore store = open()) {
            assertWhole(store.log("other"), 2);
            assertWhole(store.log("new"), 1);
        }
    }

    /** Whatever is the last thing that fits: the log as acknowledged is there in a new process without any room. */
    @Test
    void aStoreIsOpenedAndReadWithoutRoom() {
        for (int pages = 24; pages < 60; pages++) {
            disk = new FullDiskStorage(new PowerLossStorage(folder), pages);
            long length;
            try (LogStore store = open()) {
                length = fill(store.log("full")); // Nor can it be closed cleanly.
            }
            try (LogStore store = open()) {
                Log log = store.log("full");
                assertWhole(log, length);
                assertThatThrownBy(() -> log.append(block(length))).isInstanceOf(StorageFullException.class);
            }
            disk.add(100);
            try (LogStore store = open()) {
                Log log = store.log("full");
                assertThat(log.append(block(length))).isEqualTo(length + 1);
                assertWhole(log, length + 1);
            }
        }
    }

    @Test
    void clearingMakesRoomOnAFullDisk() {
        try (LogStore store = open()) {
            Log log = store.log("full");
            Log old = store.log("old");
            for (int i = 0; i < 30; i++) {
                old.append(block(i));
            }
            fill(log);
            long freed = old.clear(0, 30);
            assertThat(freed).isPositive();
            assertThat(disk.free()).isEqualTo(freed / 4096);
            assertThat(LogAudit.run(old).ok()).isTrue();
            long length = log.length();
            log.close();
            try (Log again = store.log("full")) {
                assertThat(again.append(block(length))).isEqualTo(length + 1);
            }
        }
    }

    @Test
    void anAtomThatDoesNotFitHappensNowhere() {
        try (LogStore store = open()) {
            Log first = store.log("first");
            Log second = store.log("second");
            first.append(block(0));
            second.append(block(0));
            Atom atom = store.atom();
            for (int i = 1; i < 40; i++) {
                atom.append(first, block(i));
                atom.append(second, new byte[4000]);
            }
            assertThatThrownBy(atom::commit).isInstanceOf(StorageFullException.class);
            assertWhole(first, 1);
            assertWhole(second, 1);
        }
        disk.add(100);
        try (LogStore store = open()) {
            assertWhole(store.log("first"), 1);
            assertWhole(store.log("second"), 1);
            store.log("first").append(block(1));
            assertWhole(store.log("first"), 2);
        }
    }
}

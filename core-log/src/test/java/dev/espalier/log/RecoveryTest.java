package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged, foreign and unclean files. */
class RecoveryTest {

    private static final int SLOT_0 = 8192;
    private static final int SLOT_1 = 40960;
    private static final int SLOT_2 = 73728;

    @TempDir
    Path folder;

    private Path store;
    private LogFolder log;

    /** A log of 7 blocks, closed cleanly: slot 0 is the log as made, slot 1 the last append, slot 2 the close (9). */
    @BeforeEach
    void makeLog() {
        store = folder.resolve("store");
        try (LogStore opened = LogStore.open(store);
                Log made = opened.log("x")) {
            for (int i = 0; i < 7; i++) {
                made.append(new byte[] {1, 2, (byte) i});
            }
            log = LogFolder.of(store, made.discoveryKey());
        }
    }

    private void patch(FileKind kind, long offset, byte... bytes) throws IOException {
        patch(log.file(kind), offset, bytes);
    }

    private static void patch(Path file, long offset, byte... bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private long cleanMark() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(log.file(FileKind.HEAD)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong(4096);
    }

    private void unclean() throws IOException {
        patch(FileKind.HEAD, 4096, new byte[8]);
    }

    private EspalierException openingFails() {
        try (LogStore opened = LogStore.open(store)) {
            EspalierException failure = catchThrowableOfType(EspalierException.class, () -> opened.log("x"));
            assertThat(failure).isNotNull();
            return failure;
        }
    }

    private long lengthAfterOpening() {
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(LogAudit.run(found).bad()).isEmpty();
            return found.length();
        }
    }

    @Test
    void aCleanCloseLeavesAMarkThatTheFirstWriteTakesAway() throws IOException {
        assertThat(cleanMark()).isEqualTo(9);
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(cleanMark()).isEqualTo(9);
            found.append(new byte[1]);
            assertThat(cleanMark()).isZero();
        }
        assertThat(cleanMark()).isEqualTo(11);
    }

    @Test
    void filesCopiedFromUnderARunningWriterOpen() throws IOException {
        Path copy = folder.resolve("copy");
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            for (int i = 0; i < 500; i++) {
                found.append(new byte[i]);
            }
            copy(store, copy);
        }
        store = copy;
        assertThat(lengthAfterOpening()).isEqualTo(507);
        assertThat(lengthAfterOpening()).isEqualTo(507);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FileKind.class,
            names = {"IDENTITY", "HEAD", "DATA", "ENTRIES", "TREE", "BITS"})
    void aDamagedHeaderIsNamed(FileKind kind) throws IOException {
        // The tag there is random: only another byte is sure to be damage.
        patch(kind, 33, (byte) (Files.readAllBytes(log.file(kind))[33] ^ 0x55));
        assertThat(openingFails())
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Checksum of the file header")
                .hasMessageContaining(log.file(kind).toString());
    }

    @ParameterizedTest
    @EnumSource(
            value = FileKind.class,
            names = {"IDENTITY", "HEAD", "DATA", "ENTRIES", "TREE", "BITS"})
    void aForeignFileIsNamed(FileKind kind) throws IOException {
        patch(kind, 0, (byte) 'X');
        assertThat(openingFails())
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Magic number")
                .extracting("code")
                .isEqualTo("ERR_CORRUPT");
    }

    @ParameterizedTest
    @EnumSource(
            value = FileKind.class,
            names = {"IDENTITY", "HEAD", "DATA", "ENTRIES", "TREE", "BITS"})
    void aCutFileIsNamed(FileKind kind) throws IOException {
        try (FileChannel channel = FileChannel.open(log.file(kind), StandardOpenOption.WRITE)) {
            channel.truncate(50);
        }
        assertThat(openingFails()).isInstanceOf(CorruptLogException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = FileKind.class,
            names = {"HEAD", "DATA", "ENTRIES", "TREE", "BITS"})
    void aMissingFileIsNamed(FileKind kind) throws IOException {
        Files.delete(log.file(kind));
        assertThat(openingFails())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(log.file(kind).toString());
        assertThat(log.file(kind)).doesNotExist();
    }

    @Test
    void aNewerVersionIsSaidSo() throws IOException {
        patch(FileKind.TREE, 12, (byte) 2);
        assertThat(openingFails())
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessageContaining("needs a newer Espalier")
                .extracting("code")
                .isEqualTo("ERR_UNSUPPORTED_VERSION");
        patch(FileKind.TREE, 12, (byte) 1);
        assertThat(lengthAfterOpening()).isEqualTo(7);
        patch(store.resolve("store"), 12, (byte) 9);
        assertThatThrownBy(() -> LogStore.open(store)).isInstanceOf(UnsupportedVersionException.class);
    }

    @Test
    void anUnknownFeatureIsSaidSo() throws IOException {
        byte[] header = new FileHeader(FileKind.BITS, 0, log.tag()).encode();
        header[16] = 1;
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putInt(60, FileHeader.checksum(header, 0, 60));
        patch(FileKind.BITS, 0, header);
        assertThat(openingFails()).isInstanceOf(UnsupportedVersionException.class);
    }

    @Test
    void filesOfAnotherLogAreNotTaken() throws IOException {
        try (LogStore opened = LogStore.open(store);
                Log other = opened.log("y")) {
            other.append(new byte[1]);
            Files.copy(
                    LogFolder.of(store, other.discoveryKey()).file(FileKind.TREE),
                    log.file(FileKind.TREE),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(openingFails())
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Log that the file belongs to");
    }

    @Test
    void aTornNewestSlotGivesWayToTheOneBefore() throws IOException {
        unclean();
        patch(FileKind.HEAD, SLOT_2 + 130, (byte) 0x77);
        assertThat(lengthAfterOpening()).isEqualTo(7);
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(found.append(new byte[5])).isEqualTo(8);
        }
        assertThat(lengthAfterOpening()).isEqualTo(8);
    }

    @Test
    void tornSlotsOnlyAreDamage() throws IOException {
        patch(FileKind.HEAD, SLOT_0 + 30, (byte) 0x77);
        patch(FileKind.HEAD, SLOT_2 + 130, (byte) 0x77);
        patch(FileKind.HEAD, SLOT_1 + 130, (byte) 0x77);
        assertThat(openingFails()).isInstanceOf(CorruptLogException.class).hasMessageContaining("valid checksum");
    }

    /** What is on the disk while the log has one more block that was not forced. */
    private void crashAfterOneMoreBlock() throws IOException {
        Path copy = folder.resolve("crashed");
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            found.append(new byte[] {1, 2, 7});
            copy(store, copy);
            log = LogFolder.of(copy, found.discoveryKey());
        }
        store = copy;
    }

    @Test
    void aHeadWhoseTreeWasLostGivesWayToTheOneBefore() throws IOException {
        crashAfterOneMoreBlock();
        patch(FileKind.TREE, 4096 + 40 * 7, new byte[40]); // the only root
        assertThat(lengthAfterOpening()).isEqualTo(7);
    }

    @Test
    void aHeadOneOfWhoseNewNodesWasLostGivesWayToTheOneBefore() throws IOException {
        crashAfterOneMoreBlock();
        patch(FileKind.TREE, 4096 + 40 * 13 + 32, new byte[8]);
        assertThat(lengthAfterOpening()).isEqualTo(7);
    }

    @Test
    void aHeadWhoseNewBlockWasLostGivesWayToTheOneBefore() throws IOException {
        crashAfterOneMoreBlock();
        patch(FileKind.DATA, 4096 + 3 * 7, new byte[3]);
        assertThat(lengthAfterOpening()).isEqualTo(7);
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(found.append(new byte[] {9})).isEqualTo(8);
        }
        assertThat(lengthAfterOpening()).isEqualTo(8);
    }

    @Test
    void aHeadWhoseNewBitWasLostGivesWayToTheOneBefore() throws IOException {
        crashAfterOneMoreBlock();
        patch(FileKind.BITS, 4096, (byte) 0x7f);
        assertThat(lengthAfterOpening()).isEqualTo(7);
    }

    @Test
    void anUnforcedHeadThatHoldsStays() throws IOException {
        crashAfterOneMoreBlock();
        assertThat(lengthAfterOpening()).isEqualTo(8);
    }

    @Test
    void aForcedHeadWhoseTreeWasLostIsDamage() throws IOException {
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            found.sync();
        }
        unclean();
        patch(FileKind.TREE, 4096 + 40 * 12, new byte[40]);
        assertThat(openingFails())
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("length 7 with 2 stored roots");
    }

    @Test
    void anUncleanHeadIsHeldAgainstItsSignature() throws IOException {
        unclean();
        byte[] slot = new byte[HeadDescriptor.SLOT_PAGES * HeadDescriptor.PAGE];
        byte[] file = Files.readAllBytes(log.file(FileKind.HEAD));
        System.arraycopy(file, SLOT_2, slot, 0, slot.length);
        HeadRecord head = HeadDescriptor.decode(slot);
        assertThat(head.length()).isEqualTo(7);
        byte[] signature = head.signature();
        signature[10] ^= 1;
        HeadRecord forged = new HeadRecord(
                head.sequence(), 0, 7, head.byteLength(), head.treeHash(), head.dataTail(), true, 7, signature);
        patch(FileKind.HEAD, SLOT_2, HeadDescriptor.encode(forged));
        assertThat(openingFails()).isInstanceOf(CorruptLogException.class).hasMessageContaining("signature");
    }

    @Test
    void whatLiesBeyondTheHeadIsTakenAway() throws IOException {
        unclean();
        byte[] garbage = new byte[40 * 30];
        Arrays.fill(garbage, (byte) 0x5a);
        patch(FileKind.TREE, 4096 + 40 * 14, garbage);
        patch(FileKind.TREE, 4096 + 40 * 7, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        patch(FileKind.TREE, 4096 + 40 * 13, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        patch(FileKind.BITS, 4096, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 3});
        assertThat(lengthAfterOpening()).isEqualTo(7);
        byte[] tree = Files.readAllBytes(log.file(FileKind.TREE));
        for (int i = 4096 + 40 * 13; i < tree.length; i++) {
            assertThat(tree[i]).isZero();
        }
        assertThat(Files.readAllBytes(log.file(FileKind.BITS))[4096]).isEqualTo((byte) 0x7f);
        assertThat(Files.readAllBytes(log.file(FileKind.BITS))[4104]).isZero();
    }

    @Test
    void theTailIsFoundAgainFromTheEntries() throws IOException {
        unclean();
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(found.storageUse().dataBytes()).isEqualTo(21);
            found.append(new byte[] {42});
            assertThat(found.get(6)).containsExactly(1, 2, 6);
        }
    }

    @Test
    void aHeldBlockWithoutAnEntryCountsAsAbsentAfterAnUncleanStop() throws IOException {
        patch(FileKind.ENTRIES, 4096 + 16 * 3, new byte[16]);
        unclean();
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(found.has(3)).isFalse();
            assertThat(found.presentCount()).isEqualTo(6);
            assertThat(found.contiguousLength()).isEqualTo(3);
        }
    }

    @Test
    void anEntryThatPointsNowhereIsDamage() throws IOException {
        for (byte[] offset : List.of(
                new byte[8], new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, new byte[] {-1, -1, -1, -1, -1, -1, -1, 127
                })) {
            patch(FileKind.ENTRIES, 4096 + 16 * 3, offset);
            try (LogStore opened = LogStore.open(store);
                    Log found = opened.log("x")) {
                assertThatThrownBy(() -> found.get(3)).isInstanceOf(CorruptLogException.class);
                assertThat(found.get(2)).containsExactly(1, 2, 2);
            }
        }
    }

    @Test
    void theAuditNamesWhatIsBad() throws IOException {
        patch(FileKind.DATA, 4096 + 3 * 2, (byte) 99);
        patch(FileKind.TREE, 4096 + 40 * 8 + 5, (byte) 99);
        patch(FileKind.ENTRIES, 4096 + 16 * 5 + 8, (byte) 2);
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            LogAudit.Report report = LogAudit.run(found);
            assertThat(report.ok()).isFalse();
            assertThat(report.bad())
                    .extracting(LogAudit.Bad::kind, LogAudit.Bad::index)
                    .containsExactly(
                            tuple(LogAudit.Kind.NODE, 9L),
                            tuple(LogAudit.Kind.BLOCK, 2L),
                            tuple(LogAudit.Kind.BLOCK, 4L),
                            tuple(LogAudit.Kind.BLOCK, 5L));
            assertThat(report.badCount()).isEqualTo(4);
            assertThat(report.blocks()).isEqualTo(7);
        }
    }

    @Test
    void aFolderThatWasNeverFinishedIsMadeAnew() throws IOException {
        Files.delete(log.file(FileKind.IDENTITY));
        try (LogStore opened = LogStore.open(store);
                Log found = opened.log("x")) {
            assertThat(found.length()).isZero();
            assertThat(opened.discoveryKeys()).containsExactly(found.discoveryKey());
        }
    }

    @Test
    void aDamagedNameOrStoreFileIsNamed() throws IOException {
        try (Stream<Path> names = Files.list(store.resolve("names"))) {
            patch(names.findFirst().orElseThrow(), 70, (byte) 99);
        }
        assertThat(openingFails())
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Checksum of the content");
        patch(store.resolve("store"), 80, (byte) 99);
        assertThatThrownBy(() -> LogStore.open(store)).isInstanceOf(CorruptLogException.class);
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged logs, mended and made whole by a peer. */
class LogRepairTest {

    private static final int LENGTH = 23;
    private static final int HEADER = 4096;

    @TempDir
    Path folder;

    private LogStore theirs;
    private Log source;
    private Path store;
    private LogFolder files;
    private Key key;

    @BeforeEach
    void makeTwoEqualLogs() throws Exception {
        theirs = LogStore.open(folder.resolve("theirs"));
        source = theirs.log("x");
        Random random = new Random(11);
        for (int i = 0; i < LENGTH; i++) {
            byte[] block = new byte[random.nextInt(90)];
            random.nextBytes(block);
            source.append(block);
        }
        key = source.key();
        store = folder.resolve("mine");
        try (LogStore mine = LogStore.open(store);
                Log reader = mine.log(key)) {
            files = LogFolder.of(store, source.discoveryKey());
            mine.source(new DirectSource(source));
            reader.apply(SparseLogTest.upgrade(source, reader));
            reader.download(0, LENGTH).get(60, TimeUnit.SECONDS);
        }
        copy(store, folder.resolve("good"));
    }

    @AfterEach
    void closeTheirs() {
        theirs.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private void makeGood() throws IOException {
        copy(folder.resolve("good"), store);
    }

    private void patch(FileKind kind, long offset, byte... bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(files.file(kind), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private byte[] at(FileKind kind, long offset, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        try (FileChannel channel = FileChannel.open(files.file(kind))) {
            channel.read(bytes, offset);
        }
        return bytes.array();
    }

    private void flip(FileKind kind, long offset) throws IOException {
        patch(kind, offset, (byte) (at(kind, offset, 1)[0] ^ 0x55));
    }

    private static List<Long> inner(long length) {
        List<Long> nodes = new ArrayList<>();
        for (long index = 0; index < 2 * length - 1; index++) {
            boolean root = false;
            for (long one : FlatTree.roots(length)) {
                root |= one == index;
            }
            if (!root && FlatTree.endBlock(index) <= length) {
                nodes.add(index);
            }
        }
        return nodes;
    }

    private LogRepair.Report repair() {
        try (LogStore mine = LogStore.open(store);
                Log log = mine.log(key)) {
            LogRepair.Report report = LogRepair.run(log);
            assertThat(LogAudit.run(log).bad()).isEmpty();
            return report;
        }
    }

    /** Opened anew, fetched and compared. */
    private void fetchTheRest(long missing) throws Exception {
        try (LogStore mine = LogStore.open(store);
                Log log = mine.log(key)) {
            assertThat(LogAudit.run(log).bad()).isEmpty();
            assertThat(log.presentCount()).isEqualTo(LENGTH - missing);
            mine.source(new DirectSource(source));
            log.download(0, LENGTH).get(60, TimeUnit.SECONDS);
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                assertThat(log.get(i)).isEqualTo(source.get(i));
            }
            assertThat(log.treeHash()).isEqualTo(source.treeHash());
        }
    }

    @Test
    void aWholeLogIsLeftAlone() {
        assertThat(repair()).isEqualTo(new LogRepair.Report(0, 0, 0));
    }

    @Test
    void aDamagedNodeIsComputedAgain() throws Exception {
        for (long index : inner(LENGTH)) {
            for (int damage = 0; damage < 3; damage++) {
                makeGood();
                long at = HEADER + 40 * index;
                byte[] before = at(FileKind.TREE, at, 40);
                switch (damage) {
                    case 0 -> flip(FileKind.TREE, at + 13);
                    case 1 -> flip(FileKind.TREE, at + 34);
                    default -> patch(FileKind.TREE, at, new byte[40]);
                }
                assertThat(repair()).as("damage %d to node %d", damage, index).isEqualTo(new LogRepair.Report(1, 0, 0));
                assertThat(at(FileKind.TREE, at, 40)).isEqualTo(before);
            }
        }
    }

    @Test
    void aLostPageOfNodesIsComputedAgain() throws Exception {
        byte[] before = at(FileKind.TREE, HEADER, 40 * 45);
        // All below the first root, which is node 15.
        patch(FileKind.TREE, HEADER, new byte[40 * 15]);
        patch(FileKind.TREE, HEADER + 40 * 16, new byte[40 * 15]);
        assertThat(repair().blocksMissing()).isZero();
        assertThat(at(FileKind.TREE, HEADER, 40 * 45)).isEqualTo(before);
    }

    @Test
    void aDamagedBlockCountsAsMissingAndIsFetchedAgain() throws Exception {
        for (int block : new int[] {0, 7, 22}) {
            makeGood();
            long offset = ByteBuffer.wrap(at(FileKind.ENTRIES, HEADER + 16L * block, 8))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            flip(FileKind.DATA, offset);
            assertThat(repair()).isEqualTo(new LogRepair.Report(0, 0, 1));
            try (LogStore mine = LogStore.open(store);
                    Log log = mine.log(key)) {
                assertThat(log.has(block)).isFalse();
            }
            fetchTheRest(1);
        }
    }

    @Test
    void anEntryThatLeadsNowhereMakesItsBlockMissing() throws Exception {
        patch(FileKind.ENTRIES, HEADER + 16 * 5, new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        patch(FileKind.ENTRIES, HEADER + 16 * 9 + 8, new byte[] {-1, -1, -1, 127});
        assertThat(repair()).isEqualTo(new LogRepair.Report(0, 0, 2));
        fetchTheRest(2);
    }

    @Test
    void whatNothingStoredGivesIsFetchedAgain() throws Exception {
        // A block and the hash of its neighbour: neither side of the pair can be told to be right.
        flip(FileKind.DATA, HEADER + 3); // Block 0 in order of arrival.
        flip(FileKind.TREE, HEADER + 40 * 2 + 9);
        flip(FileKind.TREE, HEADER + 9);
        LogRepair.Report report = repair();
        assertThat(report.nodesRemoved()).isEqualTo(2);
        assertThat(report.blocksMissing()).isEqualTo(2);
        fetchTheRest(2);
    }

    @Test
    void aDamagedRecordOfTheRootIsWrittenAgain() throws Exception {
        try (LogStore mine = LogStore.open(store);
                Log log = mine.log(key)) {
            flip(FileKind.TREE, HEADER + 40 * 15 + 20);
            assertThat(LogAudit.run(log).ok()).isFalse();
            assertThat(LogRepair.run(log).nodesRestored()).isEqualTo(1);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void aHeadWhoseSignatureDoesNotHoldIsNotMended() throws Exception {
        // The newest slot, its checksum mended: only the signature tells.
        try (LogStore mine = LogStore.open(store);
                Log log = mine.log(key)) {
            LogCore core = log.core();
            byte[] signature = core.head().signature().clone();
            signature[20] ^= 1;
            core.commit(TreeHead.of(0, core.head().roots(), signature), Durability.FULL);
            CorruptLogException failure = catchThrowableOfType(CorruptLogException.class, () -> LogRepair.run(log));
            assertThat(failure).hasMessageContaining("signature");
        }
    }

    /** Damage of all kinds at random; whatever it is, what is left holds and the peer brings the rest. */
    @Test
    void anyDamageBelowTheRootsIsMended() throws Exception {
        List<Long> nodes = inner(LENGTH);
        long dataEnd = Files.size(files.file(FileKind.DATA));
        for (int seed = 0; seed < 60; seed++) {
            makeGood();
            Random random = new Random(seed);
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                switch (random.nextInt(4)) {
                    case 0 ->
                        flip(FileKind.TREE, HEADER + 40 * nodes.get(random.nextInt(nodes.size())) + random.nextInt(40));
                    case 1 -> patch(FileKind.TREE, HEADER + 40 * nodes.get(random.nextInt(nodes.size())), new byte[40]);
                    case 2 -> flip(FileKind.DATA, HEADER + random.nextLong(Math.min(2000, dataEnd - HEADER)));
                    default -> flip(FileKind.ENTRIES, HEADER + random.nextInt(16 * LENGTH));
                }
            }
            LogRepair.Report report = repair();
            fetchTheRest(report.blocksMissing());
        }
    }

    @Test
    void aLogThatWasNeverWholeIsMendedAsFarAsItGoes() throws Exception {
        try (LogStore mine = LogStore.open(store);
                Log log = mine.log(key)) {
            log.clear(3, 20);
        }
        flip(FileKind.TREE, HEADER + 40 * 13 + 9);
        flip(FileKind.DATA, HEADER);
        LogRepair.Report report = repair();
        fetchTheRest(17 + report.blocksMissing());
    }
}

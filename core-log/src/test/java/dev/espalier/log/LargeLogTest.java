package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.ProofRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Logs of many blocks: {@code -Despalier.large.blocks=…}, some hundred thousand in the normal run, ten million in the
 * profile {@code soak}. What is claimed is counted, not timed.
 */
class LargeLogTest {

    private static final int BLOCKS = Integer.getInteger("espalier.large.blocks", 300_000);

    @TempDir
    static Path folder;

    private static Path many;

    @BeforeAll
    static void append() throws Exception {
        many = folder.resolve("many");
        append("-Xmx64m", many, BLOCKS);
    }

    private static LogStore open(Path folder, Storage storage) {
        return LogStore.open(
                folder, StoreOptions.defaults().withPrimaryKey(new byte[32]), storage, LogFiles.Segments.DEFAULT);
    }

    private static byte[] block(long index) {
        return ByteBuffer.allocate(Long.BYTES).putLong(index).array();
    }

    /** Appends blocks, ten thousand at a time; every length on the way there is a multiple of that. */
    static final class Appender {

        private static final int BATCH = 10_000;

        private Appender() {}

        /** Arguments: folder, length to reach. */
        public static void main(String[] args) {
            int length = Integer.parseInt(args[1]);
            try (LogStore store = open(Path.of(args[0]), new HastyStorage());
                    Log log = store.log("large")) {
                List<ByteBuffer> batch = new ArrayList<>(BATCH);
                while (log.length() < length) {
                    batch.clear();
                    for (long i = log.length(); i < length && batch.size() < BATCH; i++) {
                        batch.add(ByteBuffer.wrap(block(i)));
                    }
                    log.append(batch);
                }
                System.out.println("appended to " + log.length() + " blocks with a heap of "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
            }
        }
    }

    private static void append(String heap, Path folder, int length) throws Exception {
        Process child = Children.startWithHeap(heap, Appender.class, folder.toString(), Integer.toString(length));
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(child.waitFor()).as(said).isZero();
        System.out.print(said);
    }

    /** What is read of the files of a log to open it, and to read one block. */
    private record Cost(long openMapped, long openBytes, long getMapped) {}

    private static Cost cost(Path folder, int length) {
        CountingStorage storage = new CountingStorage();
        try (LogStore store = open(folder, storage)) {
            storage.reset();
            try (Log log = store.log("large")) {
                assertThat(log.length()).isEqualTo(length);
                long openMapped = storage.mapped();
                long openBytes = storage.readBytes();
                SplittableRandom random = new SplittableRandom(3);
                long most = 0;
                for (int i = 0; i < 100; i++) {
                    long index = random.nextInt(length);
                    storage.reset();
                    assertThat(log.get(index)).isEqualTo(block(index));
                    assertThat(storage.mapped(FileKind.TREE)).isZero();
                    most = Math.max(most, storage.mapped());
                    checkProof(log, index, storage);
                }
                return new Cost(openMapped, openBytes, most);
            }
        }
    }

    /** A proof of a block reads the nodes beside its path and the roots: no more than 2 log2(n), each with its size. */
    private static void checkProof(Log log, long index, CountingStorage storage) {
        int depth = Long.SIZE - Long.numberOfLeadingZeros(log.length());
        storage.reset();
        assertThat(log.prove(ProofRequest.ofBlock(index, 0)).block()).isNotNull();
        assertThat(storage.mapped(FileKind.TREE)).isLessThanOrEqualTo(2L * 3 * depth);
    }

    @Test
    void openingAndReadingCostTheSameForFewAndManyBlocks() throws Exception {
        Path few = folder.resolve("few");
        append("-Xmx64m", few, 10);
        Cost costOfFew = cost(few, 10);
        Cost costOfMany = cost(many, BLOCKS);
        System.out.println("10 blocks: " + costOfFew + "; " + BLOCKS + " blocks: " + costOfMany);
        // One read more or less for each root of the tree.
        int roots = Long.bitCount(BLOCKS);
        assertThat(costOfMany.openMapped()).isBetween(1L, costOfFew.openMapped() + 3L * roots);
        assertThat(costOfMany.openBytes()).isEqualTo(costOfFew.openBytes());
        assertThat(costOfMany.getMapped()).isEqualTo(costOfFew.getMapped());
        // Counted when somebody wants to know.
        try (LogStore store = open(many, new HastyStorage());
                Log log = store.log("large")) {
            assertThat(log.contiguousLength()).isEqualTo(BLOCKS);
            assertThat(log.presentCount()).isEqualTo(BLOCKS);
            log.append(block(BLOCKS));
            assertThat(log.contiguousLength()).isEqualTo(BLOCKS + 1);
            assertThat(log.presentCount()).isEqualTo(BLOCKS + 1);
        }
    }

    @Test
    void aSparseReaderOfALargeLogTakesNoRoomForWhatItLacks() throws Exception {
        Path sparse = folder.resolve("sparse");
        try (LogStore source = open(many, new HastyStorage());
                Log log = source.log("large");
                LogStore store = open(sparse, new HastyStorage());
                Log reader = store.log(log.key())) {
            assertThat(reader.apply(SparseLogTest.upgrade(log, reader))).isTrue();
            for (long index : new long[] {0, BLOCKS / 2, BLOCKS - 1}) {
                assertThat(reader.apply(SparseLogTest.fetch(log, reader, index)))
                        .isTrue();
                assertThat(reader.get(index)).isEqualTo(block(index));
            }
            assertThat(reader.presentCount()).isEqualTo(3);
            long reach = 0;
            for (FileKind kind : List.of(FileKind.DATA, FileKind.ENTRIES, FileKind.TREE, FileKind.BITS)) {
                reach += Files.size(reader.core().folder().file(kind));
            }
            long room = room(reader.core().folder().folder());
            System.out.println("a sparse reader of " + BLOCKS + " blocks: files of " + (reach >> 10) + " KiB take "
                    + (room >> 10) + " KiB");
            assertThat(reach).isGreaterThan(BLOCKS * 90L);
            // Pages of the nodes beside three paths, some records each, and file headers.
            assertThat(room).isLessThan(1 << 20);
        }
    }

    /** Bytes that the files of a folder take on the disk. */
    private static long room(Path folder) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/du")), "needs du");
        Process du = new ProcessBuilder("/usr/bin/du", "-sk", folder.toString()).start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(said.split("\\s", 2)[0]) << 10;
    }
}

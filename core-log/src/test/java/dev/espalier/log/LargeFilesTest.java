package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Beyond 2 GiB, where an int ends: with holes in the normal run, with real bytes when asked for. */
class LargeFilesTest {

    private static final long FAR = 5L << 30;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void blocksLieBeyondTwoGigabytes(MappingMode mode) throws Exception {
        Storage storage = new FileStorage(mode);
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults(), storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            log.append(new byte[] {1});
            log.core().files().data().tail(FAR - 10);
            log.append(List.of(ByteBuffer.wrap(new byte[] {2, 2}), ByteBuffer.wrap(new byte[20])));
            assertThat(log.core().files().entries().offset(1)).isEqualTo(FAR - 10);
            // It would straddle two segments, and goes into the next.
            assertThat(log.core().files().entries().offset(2)).isEqualTo(FAR);
            assertThat(Files.size(LogFolder.of(folder, log.discoveryKey()).file(FileKind.DATA)))
                    .isEqualTo(FAR + (1L << 30));
        }
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults(), storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            assertThat(log.get(1)).containsExactly(2, 2);
            assertThat(log.get(2)).hasSize(20);
            log.append(new byte[] {3});
            assertThat(log.core().files().entries().offset(3)).isEqualTo(FAR + 20);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void nodesEntriesAndBitsLieBeyondTwoGigabytes(MappingMode mode) {
        Storage storage = new FileStorage(mode);
        LogFolder place = LogFolder.of(folder, Key.of(new byte[32]));
        byte[] hash = new byte[32];
        new Random(1).nextBytes(hash);
        TreeNode node = new TreeNode(300_000_000L, 17, Hash.of(hash));
        long block = 20_000_000_000L;
        try (LogFiles files = LogFiles.create(storage, place, LogFiles.Segments.DEFAULT, new StagingBuffers())) {
            assertThat(files.tree().node(node.index())).isNull();
            files.tree().put(node, true);
            files.entries().put(300_000_000L, 99, 7);
            files.bits().set(block - 3, block + 2);
        }
        try (LogFiles files = LogFiles.open(storage, place, LogFiles.Segments.DEFAULT, new StagingBuffers())) {
            assertThat(files.tree().node(node.index())).isEqualTo(node);
            assertThat(files.tree().node(node.index() - 1)).isNull();
            assertThat(files.entries().offset(300_000_000L)).isEqualTo(99);
            assertThat(files.entries().length(300_000_000L)).isEqualTo(7);
            assertThat(files.bits().get(block)).isTrue();
            assertThat(files.bits().nextClear(block - 3, block + 100)).isEqualTo(block + 2);
            assertThat(files.bits().nextSet(block - 1000, block)).isEqualTo(block - 3);
            assertThat(files.bits().count(block - 64, block + 64)).isEqualTo(5);
        }
    }

    /** Writes 2.2 GB: {@code -Despalier.large=true}. */
    @Test
    @EnabledIfSystemProperty(named = "espalier.large", matches = "true")
    void aLogOfMoreThanTwoGigabytesIsWrittenReadAndAudited() {
        byte[] block = new byte[1 << 20];
        Random random = new Random(5);
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            for (int i = 0; i < 2200; i += 20) {
                List<ByteBuffer> batch = new ArrayList<>();
                for (int j = 0; j < 20; j++) {
                    random.nextBytes(block);
                    batch.add(ByteBuffer.wrap(block.clone()));
                }
                log.append(batch);
            }
        }
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            assertThat(log.byteLength()).isEqualTo(2200L << 20);
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(2200);
        }
    }
}

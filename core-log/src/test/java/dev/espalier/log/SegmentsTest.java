package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small segments, so that a small log crosses many of them, with both ways of mapping. */
class SegmentsTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 14);

    @TempDir
    Path folder;

    private LogStore open(String name, MappingMode mode) {
        return LogStore.open(folder.resolve(name), StoreOptions.defaults(), new FileStorage(mode), SMALL);
    }

    private static byte[] block(int i) {
        Random random = new Random(i);
        byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(12_000) : random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void aLogCrossesManySegmentsOfEachFile(MappingMode mode) throws Exception {
        int count = 5000;
        try (LogStore store = open("writer", mode);
                Log log = store.log("x")) {
            for (int i = 0; i < count; ) {
                List<ByteBuffer> batch = new ArrayList<>();
                for (int j = 0; j < 1 + i % 37 && i < count; j++) {
                    batch.add(ByteBuffer.wrap(block(i++)));
                }
                log.append(batch);
            }
            for (int i = 0; i < count; i++) {
                assertThat(log.get(i)).isEqualTo(block(i));
            }
        }
        try (LogStore store = open("writer", mode);
                LogStore readers = open("reader", mode);
                Log log = store.log("x");
                Log reader = readers.log(log.key())) {
            LogFolder place = LogFolder.of(store.folder(), log.discoveryKey());
            assertThat(Files.size(place.file(FileKind.DATA))).isGreaterThan(20L << 14);
            assertThat(Files.size(place.file(FileKind.TREE))).isGreaterThan(10L * 512 * 40);
            assertThat(Files.size(place.file(FileKind.ENTRIES))).isGreaterThan(10L * 256 * 16);
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(count);

            // A sparse reader begins in the last segments.
            reader.apply(SparseLogTest.upgrade(log, reader));
            for (int i = count - 1; i > 0; i -= 97) {
                reader.apply(SparseLogTest.fetch(log, reader, i));
                assertThat(reader.get(i)).isEqualTo(block(i));
            }
            assertThat(LogAudit.run(reader).bad()).isEmpty();
            log.truncate(1234);
            assertThat(log.append(block(7))).isEqualTo(1235);
            assertThat(LogAudit.run(log).bad()).isEmpty();
            assertThat(log.presentCount()).isEqualTo(1235);
        }
        try (LogStore store = open("writer", mode);
                Log log = store.log("x")) {
            assertThat(log.length()).isEqualTo(1235);
            assertThat(LogAudit.run(log).bad()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void aBlockThatFitsNoSegmentIsRefused(MappingMode mode) {
        try (LogStore store = open("writer", mode);
                Log log = store.log("x")) {
            log.append(new byte[(1 << 14) - 4096]);
            log.append(new byte[(1 << 14) - 4096]);
            assertThatThrownBy(() -> log.append(new byte[(1 << 14) - 4095])).isInstanceOf(EspalierException.class);
            assertThat(log.get(1)).hasSize((1 << 14) - 4096);
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void oneModeReadsWhatTheOtherWrote(MappingMode mode) {
        MappingMode other = mode == MappingMode.PLAIN ? MappingMode.CHRONICLE : MappingMode.PLAIN;
        try (LogStore store = open("writer", mode);
                Log log = store.log("x")) {
            for (int i = 0; i < 700; i++) {
                log.append(block(i));
            }
        }
        try (LogStore store = LogStore.open(
                        folder.resolve("writer"),
                        StoreOptions.defaults(),
                        new FileStorage(other),
                        LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            assertThat(LogAudit.run(log).bad()).isEmpty();
            log.append(block(700));
            assertThat(log.get(700)).isEqualTo(block(700));
        }
    }
}

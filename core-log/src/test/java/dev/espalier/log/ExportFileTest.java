package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.merkle.EspalierException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFileTest {

    @TempDir
    Path folder;

    private LogStore mine;
    private Log log;
    private Path file;

    @BeforeEach
    void make() {
        mine = LogStore.open(folder.resolve("mine"));
        log = mine.log("x");
        for (int i = 0; i < 11; i++) {
            log.append(("block " + i).repeat(i).getBytes(UTF_8));
        }
        file = folder.resolve("x.log");
    }

    @AfterEach
    void close() {
        mine.close();
    }

    @Test
    void aLogComesBackAsItWas() {
        log.clear(3, 6);
        log.truncate(10);
        assertThat(log.exportTo(file)).isEqualTo(7);
        try (LogStore theirs = LogStore.open(folder.resolve("theirs"));
                Log read = theirs.importLog(file)) {
            assertThat(read.head()).usingRecursiveComparison().isEqualTo(log.head());
            assertThat(read.fork()).isEqualTo(1);
            assertThat(read.writable()).isFalse();
            assertThat(read.restored()).isTrue();
            LogAudit.Report report = LogAudit.run(read);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(7);
            for (int i = 0; i < 10; i++) {
                assertThat(read.has(i)).isEqualTo(log.has(i));
                if (log.has(i)) {
                    assertThat(read.get(i)).isEqualTo(log.get(i));
                }
            }
            EspalierException again = catchThrowableOfType(EspalierException.class, () -> theirs.importLog(file));
            assertThat(again.code()).isEqualTo("ERR_EXISTS");
            assertThat(read.get(0)).isEqualTo(log.get(0));
        }
    }

    @Test
    void theOwnLogIsHeldWhenItComesBackToAStoreWithItsKey() throws Exception {
        byte[] key = new byte[32];
        key[5] = 9;
        StoreOptions options = StoreOptions.defaults().withPrimaryKey(key);
        try (LogStore first = LogStore.open(folder.resolve("first"), options);
                Log own = first.log("own")) {
            own.append(new byte[3]);
            own.exportTo(file);
        }
        try (LogStore second = LogStore.open(folder.resolve("second"), options)) {
            second.importLog(file).close();
            try (Log own = second.log("own")) {
                assertThat(own.writable()).isTrue();
                EspalierException held = catchThrowableOfType(EspalierException.class, () -> own.append(new byte[1]));
                assertThat(held.code()).isEqualTo("ERR_RESTORED");
            }
        }
    }

    @Test
    void emptyLogsOfAnyForkComeBack() {
        try (Log empty = mine.log("empty");
                LogStore theirs = LogStore.open(folder.resolve("theirs"))) {
            empty.exportTo(file);
            try (Log read = theirs.importLog(file)) {
                assertThat(read.head()).usingRecursiveComparison().isEqualTo(empty.head());
            }
            log.truncate(0, 5);
            log.exportTo(file);
            try (Log read = theirs.importLog(file)) {
                assertThat(read.head()).usingRecursiveComparison().isEqualTo(log.head());
                assertThat(read.fork()).isEqualTo(5);
            }
        }
    }

    /** Whoever changes a bit of a file is found out, or has changed nothing that counts; and nothing stays behind. */
    @Test
    @Tag("exhaustive")
    void noBitCanBeChanged() throws Exception {
        log.clear(3, 6);
        log.exportTo(file);
        byte[] good = Files.readAllBytes(file);
        int accepted = 0;
        try (LogStore theirs = LogStore.open(folder.resolve("theirs"))) {
            for (int at = 0; at < good.length; at++) {
                byte[] changed = good.clone();
                changed[at] ^= (byte) (1 << at % 8);
                Files.write(file, changed);
                try (Log read = theirs.importLog(file)) {
                    accepted++;
                    assertThat(read.treeHash()).isEqualTo(log.treeHash());
                    assertThat(LogAudit.run(read).bad()).isEmpty();
                    theirs.purge(read.key());
                } catch (EspalierException e) {
                    assertThat(e.code()).isIn("ERR_CORRUPT", "ERR_UNSUPPORTED_VERSION");
                }
                assertThat(theirs.discoveryKeys()).isEmpty();
            }
        }
        // What means nothing, as the patch number in the signature, and marks that make an empty block absent.
        assertThat(accepted).isLessThan(5);
    }

    @Test
    void noByteCanBeMissingOrAdded() throws Exception {
        log.exportTo(file);
        byte[] good = Files.readAllBytes(file);
        try (LogStore theirs = LogStore.open(folder.resolve("theirs"))) {
            for (int length = 0; length <= good.length + 1; length += length < 300 ? 1 : 13) {
                if (length == good.length) {
                    continue;
                }
                Files.write(file, Arrays.copyOf(good, length));
                assertThat(catchThrowableOfType(CorruptLogException.class, () -> theirs.importLog(file)))
                        .as("%d of %d bytes", length, good.length)
                        .isNotNull();
            }
            Files.write(file, Arrays.copyOf(good, good.length + 1));
            assertThat(catchThrowableOfType(CorruptLogException.class, () -> theirs.importLog(file)))
                    .isNotNull();
            assertThat(theirs.discoveryKeys()).isEmpty();
        }
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In which order an append reaches files and device. */
class DurabilityTest {

    @TempDir
    Path folder;

    private List<String> append(Durability durability) {
        FaultyStorage storage = new FaultyStorage(FaultyStorage.Fault.ERROR, Long.MAX_VALUE);
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults(), storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            log.append(new byte[1]);
            storage.journal();
            log.append(List.of(ByteBuffer.allocate(3), ByteBuffer.allocate(4)), durability);
            return storage.journal();
        }
    }

    @Test
    void withoutDurabilityTheHeadIsWrittenLastAndNothingIsForced() {
        assertThat(append(Durability.NONE))
                .containsExactly("change data", "change tree", "change entries", "change bits", "change head");
    }

    @Test
    void contentIsOnTheDeviceBeforeTheHeadIsWritten() {
        assertThat(append(Durability.DATA))
                .containsExactly(
                        "change data",
                        "change tree",
                        "change entries",
                        "change bits",
                        "force data",
                        "force tree",
                        "force entries",
                        "force bits",
                        "change head",
                        "force head");
    }

    @Test
    void fullDurabilityForcesMetadataToo() {
        assertThat(append(Durability.FULL))
                .endsWith(
                        "force all of data",
                        "force all of tree",
                        "force all of entries",
                        "force all of bits",
                        "change head",
                        "force all of head");
    }

    @Test
    void theStoresDurabilityCountsWhereAnAppendSaysNothing() {
        FaultyStorage storage = new FaultyStorage(FaultyStorage.Fault.ERROR, Long.MAX_VALUE);
        StoreOptions options = StoreOptions.defaults().withDurability(Durability.DATA);
        try (LogStore store = LogStore.open(folder, options, storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            storage.journal();
            log.append(new byte[1]);
            assertThat(storage.journal()).endsWith("change head", "force head");
            log.append(List.of(ByteBuffer.allocate(1)), Durability.NONE);
            assertThat(storage.journal()).doesNotContain("force head");
            log.sync();
            assertThat(storage.journal()).contains("force all of data").endsWith("force all of head");
        }
    }

    @Test
    void aTruncationIsOnTheDeviceBeforeAnythingIsDestroyed() {
        FaultyStorage storage = new FaultyStorage(FaultyStorage.Fault.ERROR, Long.MAX_VALUE);
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults(), storage, LogFiles.Segments.DEFAULT);
                Log log = store.log("x")) {
            for (int i = 0; i < 5; i++) {
                log.append(new byte[i]);
            }
            storage.journal();
            log.truncate(2);
            assertThat(storage.journal())
                    .containsExactly(
                            "force data",
                            "force tree",
                            "force entries",
                            "force bits",
                            "change head",
                            "force head",
                            "change bits",
                            "change tree",
                            "change entries");
        }
    }
}

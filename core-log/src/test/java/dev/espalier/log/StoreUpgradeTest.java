package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores of other versions. That a store of each older version opens is for {@link FixtureTest}. */
class StoreUpgradeTest {

    private final Storage storage = new FileStorage(MappingMode.PLAIN);

    @TempDir
    Path folder;

    @BeforeEach
    void makeStore() {
        try (LogStore store = LogStore.open(folder)) {
            store.log("log").append(new byte[] {1});
        }
    }

    private int version() throws IOException {
        return FileHeader.version(Files.readAllBytes(StoreFile.file(folder)));
    }

    private void setVersion(int version) throws IOException {
        Path file = StoreFile.file(folder);
        Files.write(file, FileHeader.withVersion(Files.readAllBytes(file), version));
    }

    @Test
    void thereIsAStepToEveryVersionButTheFirst() {
        assertThat(StoreUpgrade.target()).isEqualTo(FileHeader.VERSION);
    }

    @Test
    void anOlderStoreTakesEachStepOnce() throws Exception {
        List<String> done = new ArrayList<>();
        List<StoreUpgrade.Step> steps = List.of((files, store) -> done.add("to 2"), (files, store) -> done.add("to 3"));
        StoreUpgrade.run(storage, folder, steps);
        assertThat(done).containsExactly("to 2", "to 3");
        assertThat(version()).isEqualTo(3);
        StoreUpgrade.run(storage, folder, steps);
        assertThat(done).hasSize(2);
        setVersion(2);
        StoreUpgrade.run(storage, folder, steps);
        assertThat(done).containsExactly("to 2", "to 3", "to 3");
    }

    @Test
    void aStepThatFailsIsDoneOnceMore() throws Exception {
        int[] times = new int[1];
        List<StoreUpgrade.Step> steps = List.of((files, store) -> {
            if (times[0]++ == 0) {
                throw new StorageException("Cannot write.", store, null);
            }
        });
        assertThatThrownBy(() -> StoreUpgrade.run(storage, folder, steps)).isInstanceOf(StorageException.class);
        assertThat(version()).isEqualTo(1);
        StoreUpgrade.run(storage, folder, steps);
        assertThat(times[0]).isEqualTo(2);
        assertThat(version()).isEqualTo(2);
    }

    @Test
    void aStoreOfANewerVersionIsLeftAlone() throws Exception {
        setVersion(FileHeader.VERSION + 1);
        assertThatThrownBy(() -> LogStore.open(folder))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessage("This store needs a newer Espalier: the version of its format is "
                        + (FileHeader.VERSION + 1) + ", known is up to " + FileHeader.VERSION + " (file "
                        + StoreFile.file(folder) + ").")
                .extracting("code")
                .isEqualTo("ERR_UNSUPPORTED_VERSION");
        setVersion(FileHeader.VERSION);
        try (LogStore store = LogStore.open(folder)) {
            assertThat(store.log("log").length()).isEqualTo(1);
        }
    }

    @Test
    void aVersionThatNeverWasIsDamage() throws Exception {
        setVersion(0);
        assertThatThrownBy(() -> LogStore.open(folder))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("Version")
                .hasMessageContaining(StoreFile.file(folder).toString());
    }
}

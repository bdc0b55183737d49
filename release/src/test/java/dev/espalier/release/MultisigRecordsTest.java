package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store remembers of commits. */
class MultisigRecordsTest {

    @TempDir
    Path folder;

    private LogStore store;
    private MultisigRecords records;
    private Key one;
    private Key two;

    @BeforeEach
    void open() {
        store = LogStore.open(folder);
        records = new MultisigRecords(store);
        one = key("one");
        two = key("two");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aLengthBelowZeroIsNone() throws IOException {
        Files.writeString(
                folder.resolve("multisig-records.json"),
                "{\"records\":[{\"key\":\"" + one + "\",\"length\":-1,\"done\":false}]}");
        assertThat(records.warnings()).extracting(Warning::code).containsExactly("ERR_CORRUPT");
    }

    private Key key(String name) {
        try (Log log = store.log(name)) {
            return log.key();
        }
    }

    @Test
    void theNewestCommitOfEachProductionIsKept() {
        assertThat(records.read().records()).isEmpty();
        records.begin(one, 3);
        records.end(one, 3);
        records.begin(two, 4);
        records.begin(one, 5);
        assertThat(new MultisigRecords(store).read().records())
                .containsExactly(new MultisigRecords.Item(one, 5, false), new MultisigRecords.Item(two, 4, false));
        assertThat(records.warnings()).extracting(Warning::code).containsOnly("COMMIT_NOT_CONFIRMED");
        records.end(one, 5);
        records.end(two, 4);
        assertThat(records.warnings()).isEmpty();
    }

    @Test
    void whatEndedIsNotBegunAgainByARerun() {
        records.begin(one, 3);
        records.end(one, 3);
        records.begin(one, 3);
        assertThat(records.warnings()).isEmpty();
    }

    @Test
    void aLaterReleaseThatIsKnownEndsTheWarning() {
        records.begin(one, 1);
        try (Log log = store.log("one")) {
            log.append(new byte[] {1});
            assertThat(records.warnings()).hasSize(1);
            log.append(new byte[] {2});
            assertThat(records.warnings()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"records\":7}",
                "{\"records\":[7]}",
                "{\"records\":[{}]}",
                "{\"records\":[{\"key\":\"x\",\"length\":1,\"done\":true}]}",
                "{\"records\":[{\"key\":[],\"length\":\"x\",\"done\":true}]}",
            })
    void aDamagedFileIsNamedAndStopsNoOtherCommand(String text) throws IOException {
        Files.writeString(folder.resolve("multisig-records.json"), text);
        assertThatThrownBy(records::read)
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_CORRUPT"))
                .hasMessageContaining("multisig-records.json");
        assertThat(records.warnings()).extracting(Warning::code).containsExactly("ERR_CORRUPT");
    }
}

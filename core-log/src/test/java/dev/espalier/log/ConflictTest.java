package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.ProofVerifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two writers of one key. */
class ConflictTest {

    private static final StoreOptions SAME_KEY = StoreOptions.defaults().withPrimaryKey(new byte[32]);

    @TempDir
    Path folder;

    private LogStore firstStore;
    private LogStore secondStore;
    private Log first;
    private Log second;

    @BeforeEach
    void open() {
        firstStore = LogStore.open(folder.resolve("first"), SAME_KEY);
        secondStore = LogStore.open(folder.resolve("second"), SAME_KEY);
        first = firstStore.log("log");
        second = secondStore.log("log");
        first.append(new byte[] {1});
        second.append(new byte[] {1});
    }

    @AfterEach
    void close() {
        firstStore.close();
        secondStore.close();
    }

    private static Proof whole(Log log, long length) {
        return log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, length), false));
    }

    @Test
    void aLogThatWasSignedTwiceIsFrozenForGoodWithTheProofOfBothTrees() throws Exception {
        first.append(new byte[] {2});
        second.append(new byte[] {3});
        second.append(new byte[] {4});
        List<Conflict> heard = new ArrayList<>();
        first.listen(
                new LogListener() {
                    @Override
                    public void conflict(Log log, Conflict conflict) {
                        heard.add(conflict);
                    }
                },
                Runnable::run);
        assertThat(first.freezeOnConflict(whole(second, 2))).isTrue();
        assertThat(first.freezeOnConflict(whole(second, 2))).isTrue();
        assertThat(heard).hasSize(1);
        for (int opening = 0; opening < 2; opening++) {
            Conflict evidence = first.conflict().orElseThrow();
            assertThat(evidence.fork()).isZero();
            assertThat(evidence.length()).isEqualTo(2);
            assertThat(Conflict.between(new ProofVerifier(first.key(), null), evidence.own(), evidence.other()))
                    .isNotNull();
            assertThatThrownBy(() -> first.append(new byte[1]))
                    .extracting("code")
                    .isEqualTo("ERR_CONFLICT");
            assertThatThrownBy(() -> first.truncate(0)).extracting("code").isEqualTo("ERR_CONFLICT");
            assertThatThrownBy(() -> first.download(0, 9)).extracting("code").isEqualTo("ERR_CONFLICT");
            assertThatThrownBy(() -> first.get(7)).extracting("code").isEqualTo("ERR_CONFLICT");
            Proof more = second.prove(
                    new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, second.length()), false));
            assertThatThrownBy(() -> first.apply(more)).isInstanceOf(RuntimeException.class);
            try (Atom atom = firstStore.atom()) {
                atom.append(first, new byte[1]);
                assertThatThrownBy(atom::commit).extracting("code").isEqualTo("ERR_CONFLICT");
            }
            assertThat(first.get(1, Duration.ZERO)).containsExactly(2);
            assertThat(first.length()).isEqualTo(2);
            firstStore.close();
            firstStore = LogStore.open(folder.resolve("first"), SAME_KEY);
            first = firstStore.log("log");
        }
    }

    @Test
    void equalTreesAndTreesThatCannotBeComparedAreNoConflict() {
        assertThat(first.freezeOnConflict(whole(second, 1))).isFalse();
        second.append(new byte[] {2});
        assertThat(first.freezeOnConflict(whole(second, 1))).isFalse();
        assertThat(first.freezeOnConflict(whole(second, 2))).isFalse();
        second.truncate(0);
        second.append(new byte[] {9});
        assertThat(first.freezeOnConflict(whole(second, 1))).isFalse();
        assertThat(first.conflict()).isEmpty();
        first.append(new byte[] {2});
    }

    @Test
    void aTreeThatNobodySignedIsNoEvidence() {
        first.append(new byte[] {2});
        second.append(new byte[] {3});
        Proof real = whole(second, 2);
        Proof.Upgrade upgrade = real.upgrade();
        byte[] signature = first.head().signature();
        Proof forged = new Proof(
                0, null, null, null, new Proof.Upgrade(0, 2, upgrade.nodes(), upgrade.additional(), signature), null);
        assertThatThrownBy(() -> first.freezeOnConflict(forged))
                .extracting("code")
                .isEqualTo("INVALID_SIGNATURE");
        assertThat(first.conflict()).isEmpty();
    }
}

package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

class ProverTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private static void assertRefused(MemoryLog log, ProofRequest request) {
        VerificationException failure =
                catchThrowableOfType(VerificationException.class, () -> Prover.prove(log, log.head, null, request));
        assertThat(failure).as(request.toString()).isNotNull();
        assertThat(failure.code()).isEqualTo(VerificationException.INVALID_OPERATION);
    }

    @Test
    void emptyLogAnswersNothing() {
        MemoryLog empty = MemoryLog.of(PAIR);
        assertRefused(empty, ProofRequest.ofBlock(0, 0));
        assertRefused(empty, ProofRequest.ofUpgrade(0, 0));
        assertRefused(empty, ProofRequest.ofUpgrade(0, 1));
    }

    @Test
    void targetsOutsideOfTheLogAreRefused() {
        MemoryLog log = MemoryLog.vectors(PAIR, 5);
        assertRefused(log, ProofRequest.ofBlock(5, 0));
        assertRefused(log, ProofRequest.ofBlock(-1, 0));
        assertRefused(log, ProofRequest.ofBlock(Long.MAX_VALUE, 0));
        assertRefused(log, ProofRequest.ofBlock(0, Long.MAX_VALUE));
        assertRefused(log, ProofRequest.ofBlock(0, -1));
        assertRefused(log, ProofRequest.ofHash(7, 0));
        assertRefused(log, ProofRequest.ofHash(10, 0));
        assertRefused(log, ProofRequest.ofHash(-1, 0));
        assertRefused(log, ProofRequest.ofUpgrade(-1, 2));
        assertRefused(log, ProofRequest.ofUpgrade(Long.MAX_VALUE, Long.MAX_VALUE));
        assertRefused(
                log, new ProofRequest(new ProofRequest.Node(4, 0), null, null, new ProofRequest.Upgrade(0, 3), false));
    }

    @Test
    void seeksThatFitNothingAreRefused() {
        MemoryLog log = MemoryLog.vectors(PAIR, 8);
        ProofRequest.Node block = new ProofRequest.Node(1, 1);
        assertRefused(log, new ProofRequest(block, null, new ProofRequest.Seek(-1, 0), null, false));
        assertRefused(log, new ProofRequest(block, null, new ProofRequest.Seek(1, -1), null, false));
        assertRefused(log, new ProofRequest(block, null, new ProofRequest.Seek(1, Long.MAX_VALUE), null, false));
        assertRefused(log, new ProofRequest(block, null, new ProofRequest.Seek(Long.MAX_VALUE, 0), null, false));
        assertRefused(
                log,
                new ProofRequest(
                        null,
                        new ProofRequest.Node(7, 0),
                        new ProofRequest.Seek(3, 0),
                        new ProofRequest.Upgrade(5, 3),
                        false));
    }

    @Test
    void seekPastTheEndOfAnUpgradeIsLeftOut() {
        MemoryLog log = MemoryLog.vectors(PAIR, 8);
        ProofRequest request =
                new ProofRequest(null, null, new ProofRequest.Seek(1 << 20, 0), new ProofRequest.Upgrade(0, 8), false);
        Proof proof = log.prove(request);
        assertThat(proof.seek()).isNull();
        assertThat(proof.upgrade()).isNotNull();
    }

    @Test
    void nodesThatAreNotStoredAreRefused() {
        MemoryLog log = MemoryLog.vectors(PAIR, 8);
        log.nodes.remove(2L);
        assertRefused(log, ProofRequest.ofBlock(0, 1));
        assertThat(log.prove(ProofRequest.ofBlock(1, 1)).block().nodes()).hasSize(1);
    }

    @Test
    void blockWinsOverHash() {
        MemoryLog log = MemoryLog.vectors(PAIR, 8);
        Proof proof = log.prove(
                new ProofRequest(new ProofRequest.Node(1, 1), new ProofRequest.Node(9, 1), null, null, false));
        assertThat(proof.hash()).isNull();
        assertThat(proof.block().index()).isEqualTo(1);
    }

    @Test
    void missingNodesCountUpToTheNearestStoredOne() {
        MemoryLog log = MemoryLog.vectors(PAIR, 20);
        MemoryLog reader = MemoryLog.reader(log.key);
        reader.apply(log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
        assertThat(Prover.missingNodes(reader, 20, 0)).isEqualTo(4);
        assertThat(Prover.missingNodes(reader, 20, 15)).isZero();
        assertThat(Prover.missingNodes(reader, 20, 38)).isEqualTo(2);
        assertThat(Prover.missingNodes(reader, 20, 40)).as("outside").isZero();
        assertThat(Prover.missingNodes(index -> null, 20, 0))
                .as("up to the end of the tree")
                .isEqualTo(5);
    }

    @Test
    void upgradesStartWhereAllRootsAreStored() {
        MemoryLog log = MemoryLog.vectors(PAIR, 20);
        MemoryLog reader = MemoryLog.reader(log.key);
        reader.apply(log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
        assertThat(Prover.canUpgradeFrom(reader, reader.head, 0)).isTrue();
        assertThat(Prover.canUpgradeFrom(reader, reader.head, 16)).isTrue();
        assertThat(Prover.canUpgradeFrom(reader, reader.head, 20)).isTrue();
        assertThat(Prover.canUpgradeFrom(reader, reader.head, 17)).isFalse();
        assertThat(Prover.canUpgradeFrom(reader, reader.head, 21)).isFalse();
        assertThat(Prover.canUpgradeFrom(reader, reader.head, -1)).isFalse();
        assertThat(Prover.canUpgradeFrom(log, log.head, 17)).isTrue();
    }
}

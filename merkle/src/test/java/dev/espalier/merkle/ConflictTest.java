package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConflictTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private final MemoryLog own = MemoryLog.vectors(PAIR, 8);
    private final ProofVerifier verifier = new ProofVerifier(own.key, own.manifest);

    private static Proof head(MemoryLog log, long length) {
        return log.prove(ProofRequest.ofUpgrade(0, length));
    }

    /** The log of somebody who restored the writer's key from a backup and went on from {@code common}. */
    private static MemoryLog other(int common, int more) {
        MemoryLog log = MemoryLog.vectors(PAIR, common);
        for (int i = 0; i < more; i++) {
            log.append(PAIR, List.of(ByteBuffer.wrap(new byte[] {(byte) i})));
        }
        return log;
    }

    @Test
    void twoSignedTreesOfOneLengthAreEvidence() {
        MemoryLog other = other(6, 2);
        Conflict conflict = Conflict.between(verifier, head(own, 8), head(other, 8));
        assertThat(conflict).isNotNull();
        assertThat(conflict.length()).isEqualTo(8);
        assertThat(conflict.fork()).isZero();
        assertThat(conflict.own().upgrade().signature())
                .isNotEqualTo(conflict.other().upgrade().signature());
    }

    @Test
    void treesOfOtherHeadsAreComparedAtTheLengthAskedFor() {
        MemoryLog longer = other(6, 5);
        assertThat(Conflict.between(verifier, head(own, 8), head(longer, 8))).isNotNull();
        assertThat(Conflict.between(verifier, head(own, 6), head(longer, 6)))
                .as("equal up to there")
                .isNull();
    }

    @Test
    void equalTreesOtherForksAndOtherLengthsAreNone() {
        assertThat(Conflict.between(verifier, head(own, 8), head(MemoryLog.vectors(PAIR, 8), 8)))
                .isNull();
        assertThat(Conflict.between(verifier, head(own, 8), head(MemoryLog.vectors(PAIR, 12), 8)))
                .isNull();
        assertThat(Conflict.between(verifier, head(own, 8), head(other(6, 2), 7)))
                .isNull();
        MemoryLog forked = MemoryLog.vectors(PAIR, 8).truncate(PAIR, 6, 1);
        forked.append(PAIR, List.of(ByteBuffer.allocate(1), ByteBuffer.allocate(2)));
        assertThat(Conflict.between(verifier, head(own, 8), head(forked, 8))).isNull();
    }

    @Test
    void proofThatIsNotSignedProvesNothing() {
        MemoryLog stranger = MemoryLog.vectors(Vectors.keyPair(2), 8);
        assertThatThrownBy(() -> Conflict.between(verifier, head(own, 8), head(stranger, 8)))
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> Conflict.between(verifier, own.prove(ProofRequest.ofBlock(1, 1)), head(own, 8)))
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> Conflict.between(verifier, head(own, 8), own.prove(ProofRequest.ofUpgrade(4, 4))))
                .isInstanceOf(VerificationException.class);
    }
}

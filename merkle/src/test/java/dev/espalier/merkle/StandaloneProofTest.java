package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandaloneProofTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private final MemoryLog log = MemoryLog.vectors(PAIR, 13);

    private StandaloneProof ofBlock(int index) {
        return StandaloneProof.ofBlock(log.key, log.manifest, log, log.head, index, Vectors.block(index));
    }

    @Test
    void everyBlockCanBeShownToSomebodyWhoHasTheKeyAlone() {
        for (int i = 0; i < 13; i++) {
            byte[] bytes = ofBlock(i).encode();
            StandaloneProof.Verified verified =
                    StandaloneProof.decode(ByteBuffer.wrap(bytes)).verify(log.key);
            assertThat(verified.block().value()).isEqualTo(Vectors.block(i));
            assertThat(verified.block().index()).isEqualTo(i);
            assertThat(verified.head().length()).isEqualTo(13);
            assertThat(verified.nodes()).allSatisfy(node -> assertThat(node).isEqualTo(log.node(node.index())));
        }
    }

    @Test
    void proofOfAnotherLogOrBlockIsRefused() {
        StandaloneProof proof = ofBlock(4);
        Key other = MemoryLog.of(Vectors.keyPair(2)).key;
        assertThatThrownBy(() -> proof.verify(other)).isInstanceOf(VerificationException.class);
        StandaloneProof disguised = new StandaloneProof(other.discoveryKey(), proof.proof());
        assertThatThrownBy(() -> disguised.verify(other)).isInstanceOf(VerificationException.class);
        StandaloneProof changed =
                new StandaloneProof(proof.discoveryKey(), proof.proof().withValue(ByteBuffer.allocate(5)));
        assertThatThrownBy(() -> changed.verify(log.key)).isInstanceOf(VerificationException.class);
    }

    @Test
    void blockThatTheHeadDoesNotCoverIsRefused() {
        Proof head = log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 13), true));
        Proof smuggled = new Proof(
                0,
                new Proof.Block(40, ByteBuffer.wrap(new byte[] {1}), List.of()),
                null,
                null,
                head.upgrade(),
                head.manifest());
        // JavaScript hands such a block out.
        assertThatThrownBy(() -> new StandaloneProof(log.key.discoveryKey(), smuggled).verify(log.key))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.code()).isEqualTo(VerificationException.INVALID_PROOF));
    }

    @Test
    void headAloneNeedsNoBlock() {
        Proof head = log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 13), true));
        StandaloneProof.Verified verified = new StandaloneProof(log.key.discoveryKey(), head).verify(log.key);
        assertThat(verified.block()).isNull();
        assertThat(verified.manifest()).isEqualTo(log.manifest);
    }

    @Test
    void shortInputIsRefused() {
        byte[] bytes = ofBlock(4).encode();
        for (int length : new int[] {0, 31, 32, 40, bytes.length - 1}) {
            assertThatThrownBy(() -> StandaloneProof.decode(ByteBuffer.wrap(bytes, 0, length)))
                    .isInstanceOf(EncodingException.class);
        }
    }
}

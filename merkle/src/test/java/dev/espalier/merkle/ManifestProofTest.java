package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Proofs that bring nothing but the manifest. */
class ManifestProofTest {

    private final Manifest manifest =
            Manifest.singleSigner(KeyPair.fromSeed(new byte[32]).publicKey());
    private final NodeSource nothing = index -> null;

    @Test
    void aManifestOfTheKeyIsLearned() {
        ProofVerifier.Verified verified =
                new ProofVerifier(manifest.key(), null).verify(nothing, TreeHead.EMPTY, proof(manifest));
        assertThat(verified.manifest()).isEqualTo(manifest);
        assertThat(verified.head()).isNull();
        assertThat(verified.nodes()).isEmpty();
    }

    @Test
    void aManifestThatIsKnownIsNotLearnedAgain() {
        ProofVerifier.Verified verified =
                new ProofVerifier(manifest.key(), manifest).verify(nothing, TreeHead.EMPTY, proof(manifest));
        assertThat(verified.manifest()).isNull();
    }

    @Test
    void aManifestOfAnotherKeyIsRefused() {
        Manifest other = Manifest.singleSigner(Key.of(new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8
        }));
        ProofVerifier verifier = new ProofVerifier(manifest.key(), null);
        assertThatThrownBy(() -> verifier.verify(nothing, TreeHead.EMPTY, proof(other)))
                .isInstanceOf(VerificationException.class);
    }

    @Test
    void withoutAManifestNothingIsLearned() {
        ProofVerifier.Verified verified =
                new ProofVerifier(manifest.key(), null).verify(nothing, TreeHead.EMPTY, proof(null));
        assertThat(verified.manifest()).isNull();
        assertThat(verified.nodes()).isEqualTo(List.of());
    }

    private static Proof proof(Manifest manifest) {
        return new Proof(0, null, null, null, null, manifest);
    }
}

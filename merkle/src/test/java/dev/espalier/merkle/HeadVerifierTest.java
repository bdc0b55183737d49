package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HeadVerifierTest {

    private static final KeyPair ONE = Vectors.keyPair(11);
    private static final KeyPair TWO = Vectors.keyPair(12);
    private static final TreeHead HEAD = MemoryLog.vectors(ONE, 5).head;

    private static HeadVerifier verifier(Manifest manifest) {
        return HeadVerifier.of(manifest.key(), manifest);
    }

    private static Manifest.Builder signedBy(KeyPair... pairs) {
        Manifest.Builder builder = Manifest.builder();
        for (KeyPair pair : pairs) {
            builder.signer(new Signer(Namespaces.DEFAULT_NAMESPACE, pair.publicKey()));
        }
        return builder;
    }

    private static boolean verify(HeadVerifier verifier, byte[] signature) {
        return verifier.verify(HEAD.roots(), HEAD.length(), 0, signature);
    }

    @Test
    void onlyTheOnlySignerCanSignAlone() {
        assertThat(verifier(signedBy(ONE).build()).canSign(ONE)).isTrue();
        assertThat(verifier(signedBy(ONE).build()).canSign(TWO)).isFalse();
        assertThat(verifier(signedBy(ONE).quorum(0).build()).canSign(ONE)).isFalse();
        assertThat(verifier(signedBy(ONE, TWO).build()).canSign(ONE)).isFalse();
        assertThat(verifier(signedBy(ONE, TWO).quorum(1).build()).canSign(ONE)).isFalse();
        assertThat(HeadVerifier.compat(ONE.publicKey()).canSign(ONE)).isTrue();
    }

    @Test
    void logOfSeveralSignersIsNotSignedByOne() {
        HeadVerifier verifier = verifier(signedBy(ONE, TWO).build());
        assertThatThrownBy(() -> verifier.sign(ONE, HEAD.treeHash(), 5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 of 2 signers");
        // What JavaScript stores there, and no peer accepts.
        assertThat(verify(verifier, ONE.sign(verifier.signable(HEAD.treeHash(), 5, 0))))
                .isFalse();
    }

    @Test
    void contributionsOfEnoughSignersMakeASignature() {
        HeadVerifier verifier = verifier(signedBy(ONE, TWO).build());
        byte[] signature = verifier.assemble(List.of(contribution(verifier, 1, TWO), contribution(verifier, 0, ONE)));
        assertThat(verify(verifier, signature)).isTrue();
        assertThat(verify(verifier, verifier.assemble(List.of(contribution(verifier, 1, TWO)))))
                .isFalse();
        assertThat(MultiSignature.decode(signature).encode()).isEqualTo(signature);
    }

    private static MultiSignature.Contribution contribution(HeadVerifier verifier, int signer, KeyPair pair) {
        byte[] signature = pair.sign(verifier.signable(signer, HEAD.treeHash(), 5, 0));
        return MultiSignature.Contribution.of(signer, signature, index -> null, HEAD, 5);
    }

    @Test
    void signersOfVersionZeroSignUnderTheirOwnNamespace() {
        Manifest manifest = Manifest.builder()
                .version(0)
                .signer(new Signer(Hash.of(Vectors.fill(1, 32)), ONE.publicKey()))
                .signer(new Signer(Hash.of(Vectors.fill(2, 32)), TWO.publicKey()))
                .build();
        HeadVerifier verifier = verifier(manifest);
        assertThat(verifier.signable(0, HEAD.treeHash(), 5, 0)).containsSequence(Vectors.fill(1, 32));
        assertThat(verifier.signable(1, HEAD.treeHash(), 5, 0)).containsSequence(Vectors.fill(2, 32));
        byte[] signature = verifier.assemble(List.of(contribution(verifier, 0, ONE), contribution(verifier, 1, TWO)));
        assertThat(verify(verifier, signature)).isTrue();
        assertThatThrownBy(() -> verifier.signable(2, HEAD.treeHash(), 5, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void signerWhoIsBehindCannotContribute() {
        assertThatThrownBy(() -> MultiSignature.Contribution.of(0, new byte[64], index -> null, HEAD, 6))
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> MultiSignature.Contribution.of(0, new byte[64], index -> null, HEAD, 4))
                .as("nodes are not stored")
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> new MultiSignature.Contribution(0, new byte[68], 0, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MultiSignature.Contribution(0, new byte[64], 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MultiSignature.Contribution(0, new byte[64], 0, HEAD.roots()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void manifestOfAnotherLogIsRefused() {
        Manifest manifest = signedBy(ONE).build();
        assertThatThrownBy(() -> HeadVerifier.of(TWO.publicKey(), manifest))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.code()).isEqualTo(VerificationException.INVALID_SIGNATURE));
    }

    @Test
    void manifestThatWantsMoreSignaturesThanItHasSignersIsRefused() {
        byte[] bytes = signedBy(ONE).build().encoded();
        bytes[3] = 2;
        Manifest manifest = Manifest.decode(new CompactReader(bytes));
        assertThatThrownBy(() -> verifier(manifest)).isInstanceOf(VerificationException.class);
    }

    @Test
    void manifestWithoutQuorumVerifiesNothingBeyondItsPrologue() {
        Manifest free = signedBy(ONE).quorum(0).build();
        byte[] signature = verifier(signedBy(ONE).build()).sign(ONE, HEAD.treeHash(), 5, 0);
        assertThat(verify(verifier(free), signature)).isFalse();
        assertThat(verify(verifier(free), new byte[] {0, 0})).isFalse();

        Manifest fixed =
                Manifest.builder().prologue(new Prologue(HEAD.treeHash(), 5)).build();
        assertThat(verify(verifier(fixed), null)).isTrue();
        assertThat(verify(verifier(fixed), new byte[] {1, 2, 3})).isTrue();
        TreeHead other = MemoryLog.vectors(ONE, 6).head;
        assertThat(verifier(fixed).verify(other.roots(), 6, 0, null)).isFalse();
        assertThat(verifier(fixed).verify(other.roots(), 5, 0, null)).isFalse();
    }

    @Test
    void oldestLogsSignThreeFieldsAlone() {
        HeadVerifier legacy = HeadVerifier.legacy(ONE.publicKey());
        byte[] signable = legacy.signable(HEAD.treeHash(), 5, 3);
        assertThat(signable)
                .isEqualTo(
                        new CompactWriter().hash(HEAD.treeHash()).u64(5).u64(3).toByteArray());
        byte[] signature = legacy.sign(ONE, HEAD.treeHash(), 5, 3);
        assertThat(signature).hasSize(64);
        assertThat(legacy.verify(HEAD.roots(), 5, 3, signature)).isTrue();
        assertThat(HeadVerifier.compat(ONE.publicKey()).verify(HEAD.roots(), 5, 3, signature))
                .isFalse();
    }

    @Test
    void compatLogsHaveNoPrologueWhateverTheirManifestSays() {
        Manifest manifest =
                signedBy(ONE).prologue(new Prologue(HEAD.treeHash(), 5)).build();
        assertThat(HeadVerifier.of(ONE.publicKey(), manifest).prologue()).isNull();
        assertThat(HeadVerifier.of(ONE.publicKey(), manifest).verify(HEAD.roots(), 5, 0, null))
                .isFalse();
        assertThat(verifier(manifest).prologue()).isEqualTo(manifest.prologue());
    }

    @Test
    void patchBeyondAllLengthsIsNotValid() {
        HeadVerifier verifier = verifier(signedBy(ONE, TWO).allowPatch(true).build());
        for (long patch : new long[] {1, CompactReader.MAX_UINT}) {
            byte[] field = new CompactWriter()
                    .uint(2)
                    .uint(0)
                    .raw(new byte[64])
                    .uint(patch)
                    .uint(1)
                    .raw(new byte[64])
                    .uint(patch)
                    .uint(0)
                    .toByteArray();
            assertThat(verify(verifier, field)).isFalse();
        }
    }

    @Property
    void noBytesMakeVerificationThrow(
            @ForAll @Size(max = 300) byte[] field, @ForAll @IntRange(max = 3) int version, @ForAll boolean patch) {
        Manifest manifest =
                signedBy(ONE, TWO).version(version).allowPatch(patch).build();
        assertThat(verify(verifier(manifest), field)).isFalse();
        assertThat(verify(HeadVerifier.compat(ONE.publicKey()), field)).isFalse();
    }

    @Property(tries = 300)
    void changedSignatureFieldsNeverMakeAnotherHeadValid(
            @ForAll @IntRange(max = 160) int at, @ForAll @IntRange(min = 1, max = 255) int change) {
        HeadVerifier verifier = verifier(signedBy(ONE, TWO).allowPatch(true).build());
        byte[] field = verifier.assemble(List.of(contribution(verifier, 0, ONE), contribution(verifier, 1, TWO)));
        byte[] changed = Arrays.copyOf(field, Math.max(field.length, at + 1));
        changed[at] ^= (byte) change;
        assertThat(verifier.verify(HEAD.roots(), 5, 1, changed)).isFalse();
        assertThat(verifier.verify(MemoryLog.vectors(ONE, 4).head.roots(), 4, 0, changed))
                .isFalse();
    }
}

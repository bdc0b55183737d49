package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProofVerifierTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private final MemoryLog source = MemoryLog.vectors(PAIR, 20);
    private MemoryLog reader;

    @BeforeEach
    void readTheHead() {
        reader = MemoryLog.reader(source.key);
        reader.apply(source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
    }

    private ProofVerifier.Verified verify(Proof proof) {
        return new ProofVerifier(reader.key, reader.manifest).verify(reader, reader.head, proof);
    }

    private static String codeOf(ThrowingCallable action) {
        VerificationException failure = catchThrowableOfType(VerificationException.class, action);
        assertThat(failure).isNotNull();
        return failure.code();
    }

    private static TreeNode resized(TreeNode node, long by) {
        return new TreeNode(node.index(), node.size() + by, node.hash());
    }

    @Test
    void sizesOfTheDeepestPairOfAHashProofAreNamedAsUnproven() {
        Proof proof = source.prove(ProofRequest.ofHash(12, 4));
        assertThat(proof.hash().nodes().stream().map(TreeNode::index)).containsExactly(12L, 14L, 9L, 3L, 23L);
        ProofVerifier.Verified verified = verify(proof);
        assertThat(verified.unprovenSizes()).containsExactlyInAnyOrder(12L, 14L);
        assertThat(verified.nodes().stream().map(TreeNode::index))
                .containsExactly(12L, 14L, 13L, 9L, 11L, 3L, 7L, 23L, 15L);
    }

    @Test
    void allSizesOfABlockProofAreProven() {
        assertThat(verify(source.prove(ProofRequest.ofBlock(7, 4))).unprovenSizes())
                .isEmpty();
        assertThat(verify(source.prove(ProofRequest.ofBlock(16, 2))).unprovenSizes())
                .isEmpty();
    }

    @Test
    void bytesShiftedBetweenSiblingsAreRepairedByTheBlock() {
        Proof honest = source.prove(ProofRequest.ofHash(12, 4));
        List<TreeNode> nodes = new ArrayList<>(honest.hash().nodes());
        nodes.set(0, resized(nodes.get(0), 1));
        nodes.set(1, resized(nodes.get(1), -1));
        Proof shifted = new Proof(0, null, new Proof.NodePath(12, nodes), null, null, null);

        assertThat(verify(shifted).unprovenSizes()).containsExactlyInAnyOrder(12L, 14L);
        assertThat(reader.apply(shifted)).isTrue();
        assertThat(reader.node(12)).isNotEqualTo(source.node(12));

        // The block's own size is what it is; with it, the sibling's size follows from the sum.
        assertThat(reader.apply(source.prove(ProofRequest.ofBlock(6, 1)))).isTrue();
        assertThat(reader.node(12)).isEqualTo(source.node(12));
        assertThat(reader.node(14)).isEqualTo(source.node(14));

        // And is not given up again.
        ProofVerifier.Verified again = verify(shifted);
        assertThat(again.unprovenSizes()).isEmpty();
        assertThat(again.nodes().stream().map(TreeNode::index)).doesNotContain(12L, 14L);
    }

    @Test
    void nodeThatIsStoredIsNotReplacedByOneOfAnotherSize() {
        Proof lie = new Proof(0, null, new Proof.NodePath(15, List.of(resized(reader.node(15), 5))), null, null, null);
        ProofVerifier.Verified verified = verify(lie);
        assertThat(verified.nodes()).isEmpty();
        assertThat(verified.unprovenSizes()).isEmpty();
    }

    @Test
    void siblingThatTheSeekComputedFixesTheSizeOfTheHash() {
        // Seek into the sibling of the hash asked for: the sibling is computed from its children.
        Proof proof = source.prove(
                new ProofRequest(null, new ProofRequest.Node(1, 3), new ProofRequest.Seek(20, 0), null, false));
        assertThat(proof.seek().nodes().stream().map(TreeNode::index)).containsExactly(4L, 6L);
        assertThat(verify(proof).unprovenSizes()).containsExactlyInAnyOrder(4L, 6L);
    }

    @Test
    void seekBelowALaterRootIsAnswered() {
        // JavaScript leaves this seek out.
        Proof proof = source.prove(
                new ProofRequest(null, new ProofRequest.Node(38, 2), new ProofRequest.Seek(180, 0), null, false));
        ByteOffsets offsets = new ByteOffsets(source, source.head, 0);
        assertThat(offsets.seek(180)).isEqualTo(new ByteOffsets.Position(34, 180 - offsets.offset(34)));
        assertThat(proof.seek().nodes().get(0).index()).isEqualTo(34);
        assertThat(reader.apply(proof)).isTrue();
        assertThat(reader.node(34)).isEqualTo(source.node(34));
    }

    @Test
    void logKnownByKeyAloneIsAnOldOneUntilAManifestComes() {
        KeyPair old = Vectors.keyPair(5);
        HeadVerifier verifier = HeadVerifier.compat(old.publicKey());
        MemoryLog blocks = MemoryLog.vectors(old, 3);
        TreeHead head = TreeHead.of(0, blocks.head.roots(), verifier.sign(old, blocks.head.treeHash(), 3, 0));
        Proof proof = Prover.prove(blocks, head, null, ProofRequest.ofUpgrade(0, 3));

        ProofVerifier.Verified verified =
                new ProofVerifier(old.publicKey(), null).verify(index -> null, TreeHead.EMPTY, proof);

        assertThat(verified.manifest()).isEqualTo(Manifest.singleSigner(old.publicKey()));
        assertThat(verified.head().treeHash()).isEqualTo(head.treeHash());
    }

    @Test
    void manifestIsLearnedOnceWithTheFirstHead() {
        Proof proof = source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true));
        ProofVerifier.Verified first = new ProofVerifier(source.key, null).verify(index -> null, TreeHead.EMPTY, proof);
        assertThat(first.manifest()).isEqualTo(source.manifest);
        ProofVerifier.Verified second =
                new ProofVerifier(source.key, source.manifest).verify(index -> null, TreeHead.EMPTY, proof);
        assertThat(second.manifest()).isNull();
        assertThat(second.head()).isNotNull();
    }

    @Test
    void manifestOfAnotherLogIsRefusedFromTheStart() {
        assertThat(codeOf(() -> new ProofVerifier(Vectors.keyPair(9).publicKey(), source.manifest)))
                .isEqualTo(VerificationException.INVALID_SIGNATURE);
    }

    @Test
    void proofWithoutPartsChangesNothing() {
        ProofVerifier.Verified verified = verify(new Proof(0, null, null, null, null, null));
        assertThat(verified.nodes()).isEmpty();
        assertThat(verified.head()).isNull();
    }

    @Test
    void numbersThatNoLogCanHaveAreRefused() {
        long max = CompactReader.MAX_UINT;
        Hash hash = Namespaces.TREE;
        List<Proof> hostile = List.of(
                proof(new Proof.Upgrade(max, max, List.of(), List.of(), null)),
                proof(new Proof.Upgrade(0, max, List.of(), List.of(), null)),
                proof(new Proof.Upgrade(20, 20, List.of(new TreeNode(43, max, hash)), List.of(), new byte[68])),
                proof(new Proof.Upgrade(
                        20, 0, List.of(), List.of(new TreeNode(43, 1, hash), new TreeNode(max, 1, hash)), null)),
                new Proof(0, new Proof.Block(max, ByteBuffer.allocate(0), List.of()), null, null, null, null),
                new Proof(
                        0,
                        null,
                        new Proof.NodePath(max, List.of(new TreeNode(max, 1, hash), new TreeNode(max, 1, hash))),
                        null,
                        null,
                        null),
                new Proof(
                        0,
                        null,
                        new Proof.NodePath(0, List.of(new TreeNode(0, max, hash), new TreeNode(2, max, hash))),
                        null,
                        null,
                        null),
                new Proof(0, null, null, new Proof.SeekPath(0, List.of(new TreeNode(max, 1, hash))), null, null));
        for (Proof proof : hostile) {
            assertThat(codeOf(() -> verify(proof)))
                    .as(proof.toString())
                    .isEqualTo(VerificationException.INVALID_OPERATION);
        }
        Proof fromNothing = proof(new Proof.Upgrade(0, 0, List.of(), List.of(), null));
        assertThat(codeOf(() -> new ProofVerifier(source.key, source.manifest)
                        .verify(index -> null, TreeHead.EMPTY, fromNothing)))
                .isEqualTo(VerificationException.INVALID_OPERATION);
    }

    private static Proof proof(Proof.Upgrade upgrade) {
        return new Proof(0, null, null, null, upgrade, null);
    }

    @Test
    void additionalNodesMustContinueTheTree() {
        Proof honest = source.prove(ProofRequest.ofUpgrade(0, 5));
        for (int drop = 0; drop < honest.upgrade().additional().size(); drop++) {
            List<TreeNode> fewer = new ArrayList<>(honest.upgrade().additional());
            fewer.remove(drop);
            Proof damaged = proof(new Proof.Upgrade(
                    0, 5, honest.upgrade().nodes(), fewer, honest.upgrade().signature()));
            assertThatThrownBy(() -> new ProofVerifier(source.key, source.manifest)
                            .verify(index -> null, TreeHead.EMPTY, damaged))
                    .isInstanceOf(VerificationException.class);
        }
    }

    @Test
    void blockWithoutItsBytesIsAMistakeOfTheCaller() {
        Proof proof = Prover.prove(source, source.head, null, ProofRequest.ofBlock(3, 4));
        assertThatThrownBy(() -> verify(proof)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> proof.encode(new CompactWriter(), 1)).isInstanceOf(IllegalStateException.class);
        Proof upgrade = source.prove(ProofRequest.ofUpgrade(0, 20));
        assertThatThrownBy(() -> upgrade.withValue(ByteBuffer.allocate(0))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void encodingIsSplitAroundTheBlocksBytes() {
        Proof proof = source.prove(
                new ProofRequest(new ProofRequest.Node(3, 0), null, null, new ProofRequest.Upgrade(0, 20), true));
        CompactWriter whole = new CompactWriter();
        proof.encode(whole, 5);
        CompactWriter before = new CompactWriter();
        proof.encodeBeforeValue(before, 5);
        CompactWriter after = new CompactWriter();
        proof.encodeAfterValue(after);
        assertThat(whole.toByteArray())
                .startsWith(before.toByteArray())
                .endsWith(after.toByteArray())
                .hasSize(before.size() + after.size() + source.blocks.get(3L).remaining());

        Proof noBlock = source.prove(ProofRequest.ofUpgrade(0, 20));
        CompactWriter all = new CompactWriter();
        noBlock.encodeBeforeValue(all, 5);
        CompactWriter rest = new CompactWriter();
        noBlock.encodeAfterValue(rest);
        assertThat(rest.size()).isZero();
        assertThat(all.toByteArray()).isEqualTo(Vectors.encode(noBlock, 5));
    }
}

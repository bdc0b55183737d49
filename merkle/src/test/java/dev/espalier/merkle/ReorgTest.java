package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReorgTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private static List<ByteBuffer> others(int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(("other " + i).getBytes(StandardCharsets.UTF_8)));
        }
        return blocks;
    }

    private static MemoryLog fork(int length, int common, int more) {
        MemoryLog remote = MemoryLog.vectors(PAIR, length).truncate(PAIR, common, 3);
        return more == 0 ? remote : remote.append(PAIR, others(more));
    }

    private static Reorg begin(MemoryLog local, MemoryLog remote) {
        Proof first = remote.prove(ProofRequest.ofUpgrade(0, remote.head.length()));
        return Reorg.begin(new ProofVerifier(local.key, local.manifest), local, local.head, first);
    }

    private static Reorg.Result run(Reorg reorg, MemoryLog remote, Random random) {
        for (int steps = 0; reorg.want() != null; steps++) {
            assertThat(steps).isLessThan(64);
            Reorg.Want want = reorg.want();
            long end = Math.min(want.end(), remote.head.length());
            Proof answer = remote.prove(want.request(want.start() + random.nextLong(end - want.start())));
            assertThat(reorg.update(answer)).isTrue();
        }
        return reorg.result();
    }

    @Property(tries = 200)
    void commonLengthIsFoundExactlyOnAWholeLog(
            @ForAll @IntRange(min = 1, max = 40) int length,
            @ForAll @IntRange(max = 40) int cut,
            @ForAll @IntRange(max = 20) int more,
            @ForAll long seed) {
        int common = Math.min(cut, length);
        if (common + more == 0) {
            return;
        }
        MemoryLog local = MemoryLog.vectors(PAIR, length);
        MemoryLog remote = fork(length, common, more);
        Reorg.Result result = run(begin(local, remote), remote, new Random(seed));
        assertThat(result.commonLength()).isEqualTo(common);
        assertApplied(local, remote, result);
    }

    @Property(tries = 200)
    void commonLengthIsNeverTooLargeOnASparseLog(
            @ForAll @IntRange(min = 1, max = 40) int length,
            @ForAll @IntRange(max = 40) int cut,
            @ForAll @IntRange(max = 20) int more,
            @ForAll long seed) {
        int common = Math.min(cut, length);
        if (common + more == 0) {
            return;
        }
        Random random = new Random(seed);
        MemoryLog writer = MemoryLog.vectors(PAIR, length);
        MemoryLog local = MemoryLog.reader(writer.key);
        local.apply(writer.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, length), true)));
        for (int i = random.nextInt(4); i > 0; i--) {
            long block = random.nextInt(length);
            local.apply(writer.prove(ProofRequest.ofBlock(block, Prover.missingNodes(local, length, 2 * block))));
        }
        MemoryLog remote = fork(length, common, more);
        Reorg.Result result = run(begin(local, remote), remote, random);
        assertThat(result.commonLength()).isLessThanOrEqualTo(common);
        assertApplied(local, remote, result);
    }

    private static void assertApplied(MemoryLog local, MemoryLog remote, Reorg.Result result) {
        assertThat(result.head().treeHash()).isEqualTo(remote.head.treeHash());
        assertThat(result.head().fork()).isEqualTo(3);
        local.forget(result.commonLength());
        result.nodes().forEach(node -> local.nodes.put(node.index(), node));
        local.nodes.forEach((index, node) -> {
            assertThat(node.hash()).isEqualTo(remote.node(index).hash());
            if (!result.unprovenSizes().contains(index)) {
                assertThat(node).isEqualTo(remote.node(index));
            }
        });
        for (long root : FlatTree.roots(result.head().length())) {
            assertThat(local.node(root)).isNotNull();
        }
    }

    @Test
    void forkThatIsNotLargerIsRefused() {
        MemoryLog local = MemoryLog.vectors(PAIR, 8);
        MemoryLog same = MemoryLog.vectors(PAIR, 8);
        assertThatThrownBy(() -> begin(local, same)).isInstanceOf(VerificationException.class);
    }

    @Test
    void headMustBeSignedByTheLog() {
        MemoryLog local = MemoryLog.vectors(PAIR, 8);
        MemoryLog stranger = MemoryLog.vectors(Vectors.keyPair(2), 8).truncate(Vectors.keyPair(2), 4, 1);
        assertThatThrownBy(() -> begin(local, stranger))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.code()).isEqualTo(VerificationException.INVALID_SIGNATURE));
    }

    @Test
    void answersThatAreNotWantedAreDropped() {
        MemoryLog local = MemoryLog.vectors(PAIR, 20);
        MemoryLog remote = fork(20, 11, 6);
        Reorg reorg = begin(local, remote);
        Reorg.Want want = reorg.want();
        assertThat(want).isEqualTo(new Reorg.Want(0, 16, 4));
        assertThatThrownBy(reorg::result).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> want.request(16)).isInstanceOf(IllegalArgumentException.class);

        assertThat(reorg.update(local.prove(want.request(3))))
                .as("of the old fork")
                .isFalse();
        Proof wrongTree = local.prove(want.request(3));
        assertThat(reorg.update(withFork(wrongTree, 3))).as("of the old tree").isFalse();
        assertThat(reorg.update(remote.prove(ProofRequest.ofHash(2, 1))))
                .as("of another node")
                .isFalse();
        assertThat(reorg.update(moved(remote.prove(want.request(3)), 32)))
                .as("the right hashes at other indexes")
                .isFalse();
        assertThat(reorg.want()).isEqualTo(want);

        assertThat(reorg.update(remote.prove(want.request(3)))).isTrue();
        assertThat(run(reorg, remote, new Random(1)).commonLength()).isEqualTo(11);
        assertThat(reorg.update(remote.prove(want.request(3)))).as("finished").isFalse();
    }

    private static Proof withFork(Proof proof, long fork) {
        return new Proof(fork, proof.block(), proof.hash(), proof.seek(), proof.upgrade(), proof.manifest());
    }

    private static Proof moved(Proof proof, long by) {
        List<TreeNode> nodes = new ArrayList<>();
        for (TreeNode node : proof.hash().nodes()) {
            nodes.add(new TreeNode(node.index() + by, node.size(), node.hash()));
        }
        return new Proof(proof.fork(), null, new Proof.NodePath(proof.hash().index() + by, nodes), null, null, null);
    }

    @Test
    void prologueIsAlwaysCommon() {
        TreeHead fixed = MemoryLog.vectors(PAIR, 4).head;
        Manifest manifest = Manifest.builder()
                .signer(new Signer(Namespaces.DEFAULT_NAMESPACE, PAIR.publicKey()))
                .prologue(new Prologue(fixed.treeHash(), 4))
                .build();
        MemoryLog writer = MemoryLog.of(manifest).append(PAIR, vectorBlocks(7));
        MemoryLog local = MemoryLog.of(manifest);
        local.apply(writer.prove(ProofRequest.ofUpgrade(0, 7)));
        MemoryLog remote = MemoryLog.of(manifest)
                .append(PAIR, vectorBlocks(7))
                .truncate(PAIR, 4, 3)
                .append(PAIR, others(5));

        Reorg.Result result = run(begin(local, remote), remote, new Random(1));
        assertThat(result.commonLength()).isEqualTo(4);
        assertThat(result.head().length()).isEqualTo(9);
    }

    private static List<ByteBuffer> vectorBlocks(int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(Vectors.block(i));
        }
        return blocks;
    }

    @Test
    void readerWithNothingTakesTheWholeNewHead() {
        MemoryLog remote = fork(20, 11, 6);
        MemoryLog local = MemoryLog.reader(remote.key);
        Proof first = remote.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 17), true));
        Reorg reorg = Reorg.begin(new ProofVerifier(local.key, null), local, local.head, first);
        assertThat(reorg.isFinished()).isTrue();
        assertThat(reorg.result().commonLength()).isZero();
        assertThat(reorg.result().manifest()).isEqualTo(remote.manifest);
    }
}

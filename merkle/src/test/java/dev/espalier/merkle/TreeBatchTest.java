package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreeBatchTest {

    @Test
    void nodesAreMadeLeafFirstThenUpward() {
        TreeBatch batch = new TreeBatch(TreeHead.EMPTY);
        for (int i = 0; i < 4; i++) {
            batch.append(Vectors.block(i));
        }
        List<Long> made = new ArrayList<>();
        for (int i = 0; i < batch.nodeCount(); i++) {
            made.add(batch.nodeIndex(i));
        }
        assertThat(made).containsExactly(0L, 2L, 1L, 4L, 6L, 5L, 3L);
        assertThat(batch.nodeSize(6)).isEqualTo(batch.byteLength());
        assertThat(Hash.of(batch.nodeHashes(), 6 * Hash.BYTES))
                .isEqualTo(batch.roots().get(0).hash());
    }

    @Test
    void appendingToAHeadEqualsAppendingFromTheStart() {
        MemoryLog whole = MemoryLog.vectors(Vectors.keyPair(1), 20);
        for (int split = 0; split <= 20; split++) {
            TreeHead head = MemoryLog.vectors(Vectors.keyPair(1), split).head;
            TreeBatch batch = new TreeBatch(head);
            for (int i = split; i < 20; i++) {
                batch.append(Vectors.block(i));
            }
            assertThat(batch.roots()).isEqualTo(whole.head.roots());
            assertThat(batch.treeHash()).isEqualTo(whole.head.treeHash());
            assertThat(batch.byteLength()).isEqualTo(whole.head.byteLength());
            for (int i = 0; i < batch.nodeCount(); i++) {
                assertThat(whole.node(batch.nodeIndex(i)))
                        .isEqualTo(new TreeNode(
                                batch.nodeIndex(i), batch.nodeSize(i), Hash.of(batch.nodeHashes(), i * Hash.BYTES)));
            }
        }
    }

    @Test
    void headKeepsForkAndSignature() {
        byte[] signature = {1, 2, 3};
        TreeBatch batch = new TreeBatch(TreeHead.of(7, List.of(), null));
        batch.append(Vectors.block(0));
        TreeHead head = batch.head(signature);
        assertThat(batch.fork()).isEqualTo(7);
        assertThat(head.fork()).isEqualTo(7);
        assertThat(head.signature()).isSameAs(signature);
        assertThat(head.treeHash()).isEqualTo(batch.treeHash());
        assertThat(head).usingRecursiveComparison().isEqualTo(TreeHead.of(7, batch.roots(), signature));
    }

    @Test
    void onlyTheRemainingBytesCountAndThePositionStays() {
        byte[] bytes = Vectors.fill(4, 100);
        ByteBuffer slice = ByteBuffer.wrap(bytes, 10, 50);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(100).put(bytes).flip().position(10).limit(60);
        TreeBatch one = new TreeBatch(TreeHead.EMPTY);
        TreeBatch two = new TreeBatch(TreeHead.EMPTY);
        one.append(slice);
        two.append(direct.asReadOnlyBuffer());
        assertThat(one.roots()).isEqualTo(two.roots());
        assertThat(one.byteLength()).isEqualTo(50);
        assertThat(slice.position()).isEqualTo(10);
        assertThat(one.roots().get(0).hash()).isEqualTo(TreeHashes.leaf(direct));
    }

    @Test
    void treesNobodyCouldReadAreRefusedAndNothingChanges() {
        TreeHead full =
                TreeHead.of(0, List.of(new TreeNode(0, CompactReader.MAX_UINT - 1, Hash.digest(new byte[0]))), null);
        TreeBatch batch = new TreeBatch(full);
        batch.append(ByteBuffer.allocate(1));
        assertThatThrownBy(() -> batch.append(ByteBuffer.allocate(1))).isInstanceOf(VerificationException.class);
        assertThat(batch.length()).isEqualTo(2);
        assertThat(batch.nodeCount()).isEqualTo(2);

        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.roots((1L << 52) - 1)) {
            roots.add(new TreeNode(index, 0, Hash.digest(new byte[0])));
        }
        TreeBatch longest = new TreeBatch(TreeHead.of(0, roots, null));
        assertThatThrownBy(() -> longest.append(ByteBuffer.allocate(0))).isInstanceOf(VerificationException.class);
        assertThat(longest.length()).isEqualTo((1L << 52) - 1);
    }

    @Test
    void appendingAllocatesNothingButTheArraysOfNodes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer heap = ByteBuffer.allocate(700);
        ByteBuffer direct = ByteBuffer.allocateDirect(700);
        TreeBatch warm = new TreeBatch(TreeHead.EMPTY);
        warm.append(heap);
        warm.append(direct);

        int blocks = 1 << 14;
        TreeBatch batch = new TreeBatch(TreeHead.EMPTY);
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < blocks; i++) {
            batch.append((i & 1) == 0 ? heap : direct);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // Two nodes of 48 bytes for a block, in arrays that doubled up to four times as much; and a little to begin
        // with.
        assertThat(allocated).isLessThan(blocks * 2L * 48 * 4 + 64 * 1024);
    }
}

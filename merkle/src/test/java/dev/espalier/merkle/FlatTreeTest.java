package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatTreeTest {

    /** Nodes of the tree over 64 blocks, in order, each with depth and offset: found by walking, not by bit tricks. */
    private static void walk(int depth, long offset, List<long[]> inOrder) {
        if (depth > 0) {
            walk(depth - 1, 2 * offset, inOrder);
        }
        inOrder.add(new long[] {depth, offset});
        if (depth > 0) {
            walk(depth - 1, 2 * offset + 1, inOrder);
        }
    }

    @Test
    void nodesAreNumberedInOrder() {
        List<long[]> inOrder = new ArrayList<>();
        walk(6, 0, inOrder);
        assertThat(inOrder).hasSize(127);
        for (int index = 0; index < inOrder.size(); index++) {
            int depth = (int) inOrder.get(index)[0];
            long offset = inOrder.get(index)[1];
            assertThat(FlatTree.index(depth, offset)).isEqualTo(index);
            assertThat(FlatTree.depth(index)).isEqualTo(depth);
            assertThat(FlatTree.offset(index)).isEqualTo(offset);
            assertThat(FlatTree.parent(index)).isEqualTo(FlatTree.index(depth + 1, offset / 2));
            assertThat(FlatTree.sibling(index)).isEqualTo(FlatTree.index(depth, offset ^ 1));
            assertThat(FlatTree.isLeft(index)).isEqualTo(offset % 2 == 0);
            assertThat(FlatTree.leafCount(index)).isEqualTo(1L << depth);
            assertThat(FlatTree.firstBlock(index)).isEqualTo(offset << depth);
            assertThat(FlatTree.endBlock(index)).isEqualTo((offset + 1) << depth);
            if (depth > 0) {
                assertThat(FlatTree.leftChild(index)).isEqualTo(FlatTree.index(depth - 1, 2 * offset));
                assertThat(FlatTree.rightChild(index)).isEqualTo(FlatTree.index(depth - 1, 2 * offset + 1));
            }
        }
    }

    @Test
    void ancestorsAreThoseThatParentLeadsTo() {
        for (long index = 0; index < 64; index++) {
            List<Long> ancestors = new ArrayList<>();
            for (long node = index; node < 255; node = FlatTree.parent(node)) {
                ancestors.add(node);
            }
            for (long other = 0; other < 255; other++) {
                assertThat(FlatTree.covers(other, index))
                        .as(other + " over " + index)
                        .isEqualTo(ancestors.contains(other));
                assertThat(FlatTree.isAncestorOrSelf(other, index)).isEqualTo(ancestors.contains(other));
            }
        }
    }

    @Test
    void upgradePathsAddExactlyWhatIsMissing() {
        for (int end = 1; end <= 40; end++) {
            for (int start = 0; start <= end; start++) {
                List<TreeNode> roots = fakeRoots(start);
                TreeGrowth growth = new TreeGrowth(roots, new ArrayList<>());
                List<TreeNode> path = new ArrayList<>();
                for (long index : UpgradePath.indexes(start, end)) {
                    assertThat(FlatTree.firstBlock(index)).isGreaterThanOrEqualTo(start);
                    path.add(fakeNode(index));
                }
                NodeQueue queue = new NodeQueue(path, null);
                growth.upgrade(end, queue);
                assertThat(queue.isEmpty()).isTrue();
                assertThat(growth.length()).isEqualTo(end);
                assertThat(growth.changed()).isEqualTo(start < end);
                assertThat(growth.roots().stream().mapToLong(TreeNode::index).toArray())
                        .isEqualTo(FlatTree.roots(end));
            }
        }
    }

    private static List<TreeNode> fakeRoots(long length) {
        List<TreeNode> roots = new ArrayList<>();
        for (long index : FlatTree.roots(length)) {
            roots.add(fakeNode(index));
        }
        return roots;
    }

    private static TreeNode fakeNode(long index) {
        return new TreeNode(index, FlatTree.leafCount(index), Hash.digest(new byte[] {(byte) index}));
    }

    @Test
    void leavesHaveNoChildren() {
        assertThatThrownBy(() -> FlatTree.leftChild(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.rightChild(4)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, FlatTree.MAX_INDEX + 1, Long.MAX_VALUE})
    void indexesOutOfRangeAreRefused(long index) {
        assertThatThrownBy(() -> FlatTree.depth(index)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.parent(index)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.sibling(index)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.leftSpan(index)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.rightSpan(index)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FlatTree.roots(index)).isInstanceOf(IllegalArgumentException.class);
    }
}

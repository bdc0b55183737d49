package dev.espalier.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** However the same blocks are batched, the tree is the same; and it is the one that its definition gives. */
class TreeBatchLawsTest {

    private static List<ByteBuffer> blocks(long seed, int count) {
        Random random = new Random(seed);
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(300)];
            random.nextBytes(block);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(block.length).put(block).flip();
            blocks.add(random.nextBoolean() ? ByteBuffer.wrap(block) : direct);
        }
        return blocks;
    }

    private static TreeHead append(TreeHead head, List<ByteBuffer> blocks, Map<Long, TreeNode> nodes) {
        TreeBatch batch = new TreeBatch(head);
        blocks.forEach(batch::append);
        for (int i = 0; i < batch.nodeCount(); i++) {
            Hash hash = Hash.of(batch.nodeHashes(), i * Hash.BYTES);
            TreeNode node = new TreeNode(batch.nodeIndex(i), batch.nodeSize(i), hash);
            assertThat(nodes.put(node.index(), node)).as("made once").isNull();
        }
        return batch.head(new byte[0]);
    }

    /** The tree by its definition, from the top: each node from its two halves. */
    private static TreeNode define(long index, List<ByteBuffer> blocks, Map<Long, TreeNode> nodes) {
        TreeNode node;
        if ((index & 1) == 0) {
            ByteBuffer block = blocks.get((int) (index / 2));
            node = new TreeNode(index, block.remaining(), TreeHashes.leaf(block));
        } else {
            node = TreeHashes.parent(
                    define(FlatTree.leftChild(index), blocks, nodes),
                    define(FlatTree.rightChild(index), blocks, nodes));
        }
        nodes.put(index, node);
        return node;
    }

    @Property(tries = 300)
    void anyBatchingGivesTheTreeOfTheDefinition(
            @ForAll long seed, @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 20) Integer> batches) {
        int length = batches.stream().mapToInt(Integer::intValue).sum();
        List<ByteBuffer> blocks = blocks(seed, length);

        Map<Long, TreeNode> made = new TreeMap<>();
        TreeHead head = TreeHead.EMPTY;
        int at = 0;
        for (int batch : batches) {
            head = append(head, blocks.subList(at, at + batch), made);
            at += batch;
        }

        Map<Long, TreeNode> defined = new TreeMap<>();
        List<TreeNode> roots = new ArrayList<>();
        for (long root : FlatTree.roots(length)) {
            roots.add(define(root, blocks, defined));
        }
        assertThat(made).isEqualTo(defined);
        assertThat(head.roots()).isEqualTo(roots);
        assertThat(head.treeHash()).isEqualTo(TreeHashes.tree(roots));
        assertThat(head.length()).isEqualTo(length);
        assertThat(head.byteLength())
                .isEqualTo(blocks.stream().mapToLong(ByteBuffer::remaining).sum());
    }
}

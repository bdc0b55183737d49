package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.merkle.TreeHashes;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A tree on a log in memory, with the tree hash that the log would have. */
final class TreeFixture {

    final MemoryTreeLog log = new MemoryTreeLog();
    final BTree tree;

    TreeFixture(TreeHeader header) {
        tree = new BTree(log, header, new WriterLock("a batch"));
    }

    List<String> hexBlocks() {
        return log.blocks.stream().map(Vectors::hex).toList();
    }

    String treeHash() {
        Deque<dev.espalier.merkle.TreeNode> roots = new ArrayDeque<>();
        for (int i = 0; i < log.blocks.size(); i++) {
            byte[] block = log.blocks.get(i);
            dev.espalier.merkle.TreeNode node =
                    new dev.espalier.merkle.TreeNode(2L * i, block.length, TreeHashes.leaf(ByteBuffer.wrap(block)));
            for (long rest = i; (rest & 1) == 1; rest >>= 1) {
                node = TreeHashes.parent(roots.removeLast(), node);
            }
            roots.addLast(node);
        }
        return TreeHashes.tree(new ArrayList<>(roots)).toString();
    }

    void checkState(String name, JsonObject state) {
        assertThat(log.length()).as(name).isEqualTo(state.get("length").getAsLong());
        assertThat(log.byteLength()).as(name).isEqualTo(state.get("byteLength").getAsLong());
        assertThat(treeHash()).as(name).isEqualTo(state.get("treeHash").getAsString());
    }
}

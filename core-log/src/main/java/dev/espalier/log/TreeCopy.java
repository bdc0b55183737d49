package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Carries what is held of a log from one place to another, from the signed roots down, each node and block verified by
 * what came before it. So what arrives is right whatever the source is, and what is wrong in the source is found.
 *
 * <p><b>Threading:</b> one thread.
 */
final class TreeCopy {

    /** Most bytes that a stored block has: the largest block and its padding. */
    private static final long MAX_STORED = LogWriter.MAX_BLOCK_BYTES + 64L;

    private final Source source;
    private final Sink sink;
    private long blocks;
    private long bytes;

    private TreeCopy(Source source, Sink sink) {
        this.source = source;
        this.sink = sink;
    }

    /** Where it comes from; asked in pre-order, each node before those below it. */
    interface Source {

        /** The children of a node that was verified; null when nothing is held below it. */
        NodeMender.@Nullable Pair children(TreeNode parent) throws IOException;

        /** The bytes of a block whose leaf was verified, valid until the next call; null when it is not held. */
        @Nullable
        ByteBuffer block(TreeNode leaf) throws IOException;

        /** The failure to throw when something does not hold. */
        RuntimeException wrong(String what, long index);
    }

    /** Where it goes; told in the same order. */
    interface Sink {

        /** Two nodes, or null when nothing is held below {@code parent}. */
        void children(TreeNode parent, NodeMender.@Nullable Pair children) throws IOException;

        /** The bytes of a block, or null when it is not held. */
        void block(TreeNode leaf, @Nullable ByteBuffer bytes) throws IOException;
    }

    /** What was carried. */
    record Report(long blocks, long bytes) {}

    /** Carries all below these roots, which the caller has verified. */
    static Report run(Iterable<TreeNode> roots, Source source, Sink sink) throws IOException {
        TreeCopy copy = new TreeCopy(source, sink);
        for (TreeNode root : roots) {
            copy.below(root);
        }
        return new Report(copy.blocks, copy.bytes);
    }

    private void below(TreeNode node) throws IOException {
        if (FlatTree.depth(node.index()) == 0) {
            if (node.size() > MAX_STORED) {
                throw source.wrong("a block of " + node.size() + " bytes", node.index());
            }
            ByteBuffer block = source.block(node);
            if (block != null) {
                if (block.remaining() != node.size() || !TreeHashes.leaf(block).equals(node.hash())) {
                    throw source.wrong("a block that does not hash to its leaf", node.index());
                }
                blocks++;
                bytes += block.remaining();
            }
            sink.block(node, block);
            return;
        }
        NodeMender.Pair children = source.children(node);
        if (children != null && !node.equals(NodeMender.parentOf(children.left(), children.right()))) {
            throw source.wrong("two nodes that do not hash to their parent", node.index());
        }
        sink.children(node, children);
        if (children != null) {
            below(children.left());
            below(children.right());
        }
    }
}

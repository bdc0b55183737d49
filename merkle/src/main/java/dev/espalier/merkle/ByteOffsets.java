package dev.espalier.merkle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where bytes lie in a log: byte offset of a node, block of a byte (log specification §3).
 *
 * <p>Every block may begin with {@code padding} bytes that do not count (8 in an encrypted log). Works on sparse logs:
 * where nodes are not stored, the answer is the smallest subtree that is known to hold the byte.
 *
 * <p><b>Threading:</b> stateless over the node source it was given.
 */
public final class ByteOffsets {

    private final NodeSource nodes;
    private final List<TreeNode> roots;
    private final long length;
    private final long padding;

    /**
     * For the tree of {@code head}.
     *
     * @param padding bytes at the start of each block that do not count, 0 or more
     */
    public ByteOffsets(NodeSource nodes, TreeHead head, long padding) {
        if (padding < 0) {
            throw new IllegalArgumentException("padding is negative: " + padding);
        }
        this.nodes = nodes;
        this.roots = head.roots();
        this.length = head.length();
        this.padding = padding;
    }

    /**
     * Where a byte lies.
     *
     * @param node flat index: a leaf when the block is known, else the root of a subtree whose nodes are not stored
     * @param offset bytes from the start of what is below {@code node}
     */
    public record Position(long node, long offset) {

        /** Whether the block is known. */
        public boolean isBlock() {
            return (node & 1) == 0;
        }

        /** The block, or the first of those among which it is. */
        public long firstBlock() {
            return FlatTree.firstBlock(node);
        }

        /** First block after the one it is, or after those among which it is. */
        public long endBlock() {
            return FlatTree.endBlock(node);
        }
    }

    /**
     * Stored bytes, padding included, before the first block below the node at flat {@code index}. The leaf after the last
     * one is allowed and gives the length of the log in bytes.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when a node on the way is not stored, or the index lies
     *     outside of the tree
     */
    public long storedOffset(long index) {
        long leaf = FlatTree.leftSpan(index);
        long offset = 0;
        for (TreeNode root : roots) {
            if (leaf > FlatTree.rightSpan(root.index())) {
                offset = TreeHashes.addSizes(offset, root.size());
                continue;
            }
            long node = root.index();
            while (node != leaf) {
                long left = FlatTree.leftChild(node);
                if (leaf < node) {
                    node = left;
                } else {
                    offset = TreeHashes.addSizes(
                            offset, Prover.stored(nodes, left).size());
                    node = FlatTree.rightChild(node);
                }
            }
            return offset;
        }
        if (leaf != 2 * length) {
            throw VerificationException.operation(
                    "tree node " + index + " is outside of the tree of " + length + " blocks");
        }
        return offset;
    }

    /** {@link #storedOffset} without the padding. */
    public long offset(long index) {
        return storedOffset(index) - paddingOf(FlatTree.firstBlock(index));
    }

    /**
     * Where the byte at {@code bytes} (0 or more, padding not counted) lies. At the very end of the log it is offset 0 of
     * the block after the last.
     *
     * @return null when it is past the end
     */
    public @Nullable Position seek(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("byte position is negative: " + bytes);
        }
        if (bytes == 0) {
            return new Position(0, 0);
        }
        long left = bytes;
        for (TreeNode root : roots) {
            long size = usefulSize(root);
            if (left == size) {
                return new Position(after(root.index()), 0);
            }
            if (left < size) {
                return descend(root.index(), left);
            }
            left -= size;
        }
        return null;
    }

    private Position descend(long root, long bytes) {
        long node = root;
        long left = bytes;
        while ((node & 1) != 0) {
            TreeNode child = nodes.node(FlatTree.leftChild(node));
            if (child == null) {
                break;
            }
            long size = usefulSize(child);
            if (size == left) {
                return new Position(after(child.index()), 0);
            }
            if (size > left) {
                node = child.index();
            } else {
                left -= size;
                node = FlatTree.rightChild(node);
            }
        }
        return new Position(node, left);
    }

    private static long after(long index) {
        return FlatTree.rightSpan(index) + 2;
    }

    /**
     * The node to prove for a seek in the tree of {@code end} blocks: the leaf that holds the byte, or a node that ends
     * just before it, or one below which nothing is stored. The leaf after the last when the byte is past the end.
     */
    long seekRoot(long end, long bytes) {
        long left = bytes;
        for (long index : FlatTree.roots(end)) {
            long size = usefulSize(Prover.stored(nodes, index));
            if (left == size) {
                return index;
            }
            if (left < size) {
                return seekRootBelow(index, left);
            }
            left -= size;
        }
        return 2 * end;
    }

    /**
     * The same within the subtree of {@code top}, which need not hold the byte.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when it does not
     */
    long seekRootWithin(long top, long bytes) {
        long offset = offset(top);
        if (bytes == offset) {
            return top;
        }
        if (bytes < offset || usefulSize(Prover.stored(nodes, top)) <= bytes - offset) {
            throw VerificationException.operation("byte " + bytes + " is not below tree node " + top);
        }
        return seekRootBelow(top, bytes - offset);
    }

    private long seekRootBelow(long top, long bytes) {
        long node = top;
        long left = bytes;
        while (left != 0 && (node & 1) != 0) {
            TreeNode child = nodes.node(FlatTree.leftChild(node));
            if (child == null) {
                break;
            }
            long size = usefulSize(child);
            if (size == left) {
                return child.index();
            }
            if (size > left) {
                node = child.index();
            } else {
                left -= size;
                node = FlatTree.rightChild(node);
            }
        }
        return node;
    }

    private long usefulSize(TreeNode node) {
        return node.size() - paddingOf(FlatTree.leafCount(node.index()));
    }

    /** Padding may come from a peer: no product may overflow. */
    private long paddingOf(long blocks) {
        if (blocks > 0 && padding > CompactReader.MAX_UINT / blocks) {
            throw VerificationException.operation("padding of " + padding + " bytes in each of " + blocks + " blocks");
        }
        return padding * blocks;
    }
}

package dev.espalier.merkle;

/**
 * Arithmetic of the flat tree: the nodes of a binary Merkle tree numbered in order, leaves on even numbers
 * (log specification §2).
 *
 * <pre>
 * depth 2        3
 * depth 1    1       5
 * depth 0  0   2   4   6
 * block    0   1   2   3
 * </pre>
 *
 * <p>All functions are pure and defined for {@code 0 <= index <= MAX_INDEX}; anything else throws {@link
 * IllegalArgumentException}. Only {@link #roots} allocates. <b>Threading:</b> stateless.
 */
public final class FlatTree {

    /** Largest index for which no function overflows; far above the 2^53 that the wire allows. */
    public static final long MAX_INDEX = (1L << 62) - 1;

    private FlatTree() {}

    /** The index of the node at {@code depth} (leaves 0) and {@code offset} (from the left, 0). */
    public static long index(int depth, long offset) {
        return checkIndex((offset << (depth + 1)) | ((1L << depth) - 1));
    }

    /** Depth of a node: the number of trailing one bits. Leaves have depth 0. */
    public static int depth(long index) {
        return Long.numberOfTrailingZeros(~checkIndex(index));
    }

    /** Position of a node among those of its depth, from the left. */
    public static long offset(long index) {
        return index >> (depth(index) + 1);
    }

    /** The parent; its depth is one more. */
    public static long parent(long index) {
        long width = 2L << depth(index);
        return (index | (width - 1)) & ~width;
    }

    /** The other child of the same parent. */
    public static long sibling(long index) {
        return index ^ (2L << depth(index));
    }

    /** Whether the node is the left child of its parent. */
    public static boolean isLeft(long index) {
        return (offset(index) & 1) == 0;
    }

    /** The left child of a node of depth 1 or more. */
    public static long leftChild(long index) {
        return index - (1L << (innerDepth(index) - 1));
    }

    /** The right child of a node of depth 1 or more. */
    public static long rightChild(long index) {
        return index + (1L << (innerDepth(index) - 1));
    }

    /** Index of the leftmost leaf below (the node itself when it is a leaf). */
    public static long leftSpan(long index) {
        return index - ((1L << depth(index)) - 1);
    }

    /** Index of the rightmost leaf below (the node itself when it is a leaf). */
    public static long rightSpan(long index) {
        return index + ((1L << depth(index)) - 1);
    }

    /** Number of leaves below: two to the power of the depth. */
    public static long leafCount(long index) {
        return 1L << depth(index);
    }

    /** First block below a node. */
    public static long firstBlock(long index) {
        return leftSpan(index) >> 1;
    }

    /** First block after those below a node. */
    public static long endBlock(long index) {
        return (rightSpan(index) >> 1) + 1;
    }

    /** Whether {@code target} lies in the span of leaves of {@code index}. */
    public static boolean covers(long index, long target) {
        return leftSpan(index) <= target && target <= rightSpan(index);
    }

    /** Whether {@code index} is an ancestor of {@code target}, or the same node. */
    public static boolean isAncestorOrSelf(long index, long target) {
        return depth(index) >= depth(target) && covers(index, target);
    }

    /** How many roots a tree of {@code length} blocks has. */
    public static int rootCount(long length) {
        return Long.bitCount(checkIndex(length));
    }

    /** The roots of a tree of {@code length} blocks, left to right: full trees of falling size. */
    public static long[] roots(long length) {
        long[] roots = new long[rootCount(length)];
        long firstBlock = 0;
        for (int i = 0; i < roots.length; i++) {
            long blocks = Long.highestOneBit(length - firstBlock);
            roots[i] = 2 * firstBlock + blocks - 1;
            firstBlock += blocks;
        }
        return roots;
    }

    private static int innerDepth(long index) {
        int depth = depth(index);
        if (depth == 0) {
            throw new IllegalArgumentException("leaf has no children: " + index);
        }
        return depth;
    }

    private static long checkIndex(long index) {
        if (index < 0 || index > MAX_INDEX) {
            throw new IllegalArgumentException("index out of range: " + index);
        }
        return index;
    }
}

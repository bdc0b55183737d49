package dev.espalier.merkle;

/**
 * One node of the tree.
 *
 * <p>On the wire: {@code uint index ‖ uint size ‖ 32 bytes hash}.
 *
 * @param index flat index, see {@link FlatTree}
 * @param size stored bytes of all blocks below
 * @param hash hash of the leaf or parent
 */
public record TreeNode(long index, long size, Hash hash) {

    /** Fewest bytes a node takes on the wire. */
    public static final int MIN_ENCODED = 34;

    /** Reads a node from the wire. */
    public static TreeNode decode(CompactReader in) {
        return new TreeNode(in.uint(), in.uint(), in.hash());
    }

    /** Writes this node in its wire form. */
    public void encode(CompactWriter out) {
        out.uint(index).uint(size).hash(hash);
    }
}

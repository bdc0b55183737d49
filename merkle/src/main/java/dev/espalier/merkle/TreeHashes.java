package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.List;

/** Hashes of leaves, parents and trees (log specification §3). <b>Threading:</b> stateless. */
public final class TreeHashes {

    private static final byte LEAF = 0;
    private static final byte PARENT = 1;
    private static final byte TREE = 2;

    /** One for each thread: a log hashes three times for each block that a peer sends. */
    private static final ThreadLocal<Blake2b> HASHER = ThreadLocal.withInitial(() -> new Blake2b(Hash.BYTES));

    private TreeHashes() {}

    /** {@code H(00 ‖ u64 length ‖ bytes)} of the remaining bytes of {@code block}, whose position stays. */
    public static Hash leaf(ByteBuffer block) {
        return Hash.owning(begin(LEAF, block.remaining()).update(block).digest());
    }

    private static Blake2b begin(byte kind, long size) {
        Blake2b hasher = HASHER.get().restart().update(kind);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            hasher.update((byte) (size >>> shift));
        }
        return hasher;
    }

    /** The parent of two siblings: {@code H(01 ‖ u64 sum of sizes ‖ left hash ‖ right hash)}, the lower index left. */
    public static TreeNode parent(TreeNode a, TreeNode b) {
        boolean ordered = a.index() < b.index();
        TreeNode left = ordered ? a : b;
        TreeNode right = ordered ? b : a;
        long size = addSizes(left.size(), right.size());
        byte[] hash = begin(PARENT, size)
                .update(left.hash().raw(), 0, Hash.BYTES)
                .update(right.hash().raw(), 0, Hash.BYTES)
                .digest();
        return new TreeNode(FlatTree.parent(left.index()), size, Hash.owning(hash));
    }

    /** {@code H(02 ‖ for each root left to right: hash ‖ u64 index ‖ u64 size)}. */
    public static Hash tree(List<TreeNode> roots) {
        CompactWriter out = new CompactWriter(1 + roots.size() * 48).uint8(TREE);
        for (TreeNode root : roots) {
            out.hash(root.hash()).u64(root.index()).u64(root.size());
        }
        return Hash.digest(out.toByteArray());
    }

    /**
     * The sum of two sizes in bytes.
     *
     * @throws VerificationException when a size is negative or the sum is above 2^53-1, so that no log can have it
     */
    static long addSizes(long a, long b) {
        long sum = a + b;
        if (a < 0 || b < 0 || sum < 0 || sum > CompactReader.MAX_UINT) {
            throw VerificationException.operation("sizes " + a + " and " + b + " add up to more than 2^53-1 bytes");
        }
        return sum;
    }
}

package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Grows a tree by appended blocks; computes, stores nothing (log specification §3).
 *
 * <p>Appending allocates nothing but room for the nodes made: their indexes, sizes and hashes lie in three arrays that
 * double when full. Roots are kept back to back, so that the two halves of a parent are hashed where they lie.
 *
 * <p><b>Threading:</b> one thread. <b>Byte order:</b> that of the specification, whatever the order of the buffers.
 */
public final class TreeBatch {

    /** Most roots a tree can have: one for each bit of its length. */
    private static final int MAX_ROOTS = 64;

    /** Flat indexes stay below 2^53. */
    static final long MAX_LENGTH = 1L << 52;

    private static final int PREFIX = 9;
    private static final byte PARENT = 1;

    private final Blake2b blake = new Blake2b(Hash.BYTES);
    private final LeafHasher leaves = new LeafHasher();
    private final byte[] leaf = new byte[Hash.BYTES];
    private final byte[] prefix = {PARENT, 0, 0, 0, 0, 0, 0, 0, 0};
    private final ByteBuffer prefixSize = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);

    private final long fork;
    private long length;
    private long byteLength;

    private final long[] rootIndexes = new long[MAX_ROOTS];
    private final long[] rootSizes = new long[MAX_ROOTS];
    private final byte[] rootHashes = new byte[MAX_ROOTS * Hash.BYTES];
    private int rootCount;

    private long[] indexes = new long[16];
    private long[] sizes = new long[16];
    private byte[] hashes = new byte[16 * Hash.BYTES];
    private int count;

    /** Starts from the roots of {@code head}, with its fork. */
    public TreeBatch(TreeHead head) {
        this.fork = head.fork();
        this.length = head.length();
        this.byteLength = head.byteLength();
        for (TreeNode root : head.roots()) {
            rootIndexes[rootCount] = root.index();
            rootSizes[rootCount] = root.size();
            root.hash().copyTo(rootHashes, rootCount * Hash.BYTES);
            rootCount++;
        }
    }

    /**
     * Hashes the remaining bytes of {@code block} (position stays) into a leaf, and all parents it completes.
     *
     * @throws VerificationException when the tree would hold 2^52 blocks or 2^53 bytes; it is unchanged then
     */
    public void append(ByteBuffer block) {
        leaves.hashOne(block, leaf, 0);
        appendLeaf(block.remaining(), leaf, 0);
    }

    /**
     * Appends a block by its leaf, as a {@link LeafHasher} makes it.
     *
     * @param size bytes of the block
     * @param source holds the 32 bytes of the leaf's hash from {@code offset} on
     * @throws VerificationException as {@link #append}
     */
    public void appendLeaf(int size, byte[] source, int offset) {
        long newByteLength = TreeHashes.addSizes(byteLength, size);
        if (length >= MAX_LENGTH - 1) {
            throw VerificationException.operation("a log holds fewer than 2^52 blocks");
        }
        System.arraycopy(source, offset, rootHashes, rootCount * Hash.BYTES, Hash.BYTES);
        rootIndexes[rootCount] = 2 * length;
        rootSizes[rootCount] = size;
        rootCount++;
        record();
        length++;
        byteLength = newByteLength;
        // One merge for each trailing zero bit of the new length: where a carry would go in binary.
        for (int merges = Long.numberOfTrailingZeros(length); merges > 0; merges--) {
            mergeLastRoots();
        }
    }

    private void mergeLastRoots() {
        int left = rootCount - 2;
        int at = left * Hash.BYTES;
        long size = rootSizes[left] + rootSizes[left + 1];
        prefixSize.putLong(1, size);
        blake.update(prefix, 0, PREFIX).update(rootHashes, at, 2 * Hash.BYTES).digest(rootHashes, at);
        rootIndexes[left] = FlatTree.parent(rootIndexes[left]);
        rootSizes[left] = size;
        rootCount--;
        record();
    }

    /** Adds the last root to the nodes made. */
    private void record() {
        if (count == indexes.length) {
            int room = Math.multiplyExact(2, count);
            hashes = Arrays.copyOf(hashes, Math.multiplyExact(room, Hash.BYTES));
            sizes = Arrays.copyOf(sizes, room);
            indexes = Arrays.copyOf(indexes, room);
        }
        int last = rootCount - 1;
        indexes[count] = rootIndexes[last];
        sizes[count] = rootSizes[last];
        System.arraycopy(rootHashes, last * Hash.BYTES, hashes, count * Hash.BYTES, Hash.BYTES);
        count++;
    }

    /** Fork number of the tree: that of the head it began from. */
    public long fork() {
        return fork;
    }

    /** Number of blocks so far. */
    public long length() {
        return length;
    }

    /** Stored bytes of all blocks so far. */
    public long byteLength() {
        return byteLength;
    }

    /** Tree hash of the tree so far. */
    public Hash treeHash() {
        return TreeHashes.tree(roots());
    }

    /** Roots of the tree so far, left to right. */
    public List<TreeNode> roots() {
        TreeNode[] roots = new TreeNode[rootCount];
        for (int i = 0; i < rootCount; i++) {
            roots[i] = new TreeNode(rootIndexes[i], rootSizes[i], Hash.of(rootHashes, i * Hash.BYTES));
        }
        return List.of(roots);
    }

    /** The new head with the signature given, which is kept, not copied. */
    public TreeHead head(byte[] signature) {
        List<TreeNode> roots = roots();
        return new TreeHead(fork, roots, length, byteLength, TreeHashes.tree(roots), signature);
    }

    /** Number of nodes made so far, in order: leaf, then each parent upward. */
    public int nodeCount() {
        return count;
    }

    /** Flat index of node {@code i}, counted in the order made. */
    public long nodeIndex(int i) {
        return indexes[i];
    }

    /** Stored bytes below node {@code i}, counted in the order made. */
    public long nodeSize(int i) {
        return sizes[i];
    }

    /** Array that holds the 32-byte hashes of all nodes back to back; node i at i*32. Valid until the next append. */
    public byte[] nodeHashes() {
        return hashes;
    }
}

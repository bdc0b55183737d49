package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeNode;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code tree} file: Merkle nodes. Record {@code i} is the node of flat index {@code i}:
 *
 * <pre>
 * 0                                  32                40
 * +----------------------------------+-----------------+
 * | hash                             | u64 size, bit 63|
 * |                                  | unproven        |
 * +----------------------------------+-----------------+
 * </pre>
 *
 * <p>An unproven size came with a proof that binds only its sum with the sibling's: the hash may be compared with, but
 * the node proves nothing to others and says nothing about positions.
 *
 * <p>A node whose first eight hash bytes are zero is absent; a real hash begins so once in 2^64 nodes.
 *
 * <p><b>Threading:</b> any number of readers, one writer at a time. A node that is being written counts as absent until
 * all of it is there; readers do not wait for that.
 */
final class TreeFile implements AutoCloseable {

    /** Bytes of a node. */
    static final int RECORD_BYTES = 40;

    /** Segments of 640 MiB. */
    static final int RECORDS_SHIFT = 24;

    private static final int SIZE = 32;
    private static final long UNPROVEN = 1L << 63;

    /** Most bytes of nodes that are gathered for one write. */
    private static final int CHUNK = 64 << 10;

    private final SegmentFile records;
    private volatile Writing writing = new Writing(new long[0]);

    /** The nodes being written now, by rising flat index. A new object with each change, so that readers see it. */
    private static final class Writing {

        private final long[] indexes;

        Writing(long[] indexes) {
            this.indexes = indexes;
        }

        boolean contains(long index) {
            return indexes.length > 0 && Arrays.binarySearch(indexes, index) >= 0;
        }
    }

    TreeFile(SegmentFile records) {
        this.records = records;
    }

    /** The node, or null when it is not stored or its size is unproven. Says nothing about whether a head covers it. */
    @Nullable
    TreeNode node(long index) {
        return read(index, false);
    }

    /** The node, even where its size is unproven; null when it is not stored. */
    @Nullable
    TreeNode hashedNode(long index) {
        return read(index, true);
    }

    @SuppressWarnings("ReferenceEquality") // the same object means that nothing was written meanwhile
    private @Nullable TreeNode read(long index, boolean unproven) {
        while (true) {
            Writing before = writing;
            if (before.contains(index)) {
                return null;
            }
            TreeNode node = stored(index);
            VarHandle.acquireFence();
            if (writing == before) {
                return node == null || node.size() >= 0
                        ? node
                        : unproven ? new TreeNode(index, node.size() & ~UNPROVEN, node.hash()) : null;
            }
        }
    }

    /** What the file says, a size that is not proven with its mark. */
    private @Nullable TreeNode stored(long index) {
        Region region = records.readable(index);
        if (region == null) {
            return null;
        }
        int at = records.offset(index);
        if (region.getLongAcquire(at) == 0) {
            return null;
        }
        byte[] hash = new byte[Hash.BYTES];
        region.get(at, hash, 0, Hash.BYTES);
        return new TreeNode(index, region.getLong(at + SIZE), Hash.of(hash));
    }

    /** Whether the node is stored, its size proven or not. For the writer. */
    boolean has(long index) {
        Region region = records.readable(index);
        return region != null && region.getLongAcquire(records.offset(index)) != 0;
    }

    /** Stores a node. */
    void put(TreeNode node, boolean sizeProven) {
        putAll(List.of(node), sizeProven ? Set.of() : Set.of(node.index()));
    }

    /** Stores nodes, each index once; the sizes of some are not proven. What is stored already is left alone. */
    void putAll(Collection<TreeNode> nodes, Set<Long> unprovenSizes) {
        TreeNode[] changed = nodes.stream()
                .map(node -> unprovenSizes.contains(node.index())
                        ? new TreeNode(node.index(), node.size() | UNPROVEN, node.hash())
                        : node)
                .filter(node -> !node.equals(stored(node.index())))
                .sorted(Comparator.comparingLong(TreeNode::index))
                .toArray(TreeNode[]::new);
        if (changed.length == 0) {
            return;
        }
        writing = new Writing(Arrays.stream(changed).mapToLong(TreeNode::index).toArray());
        VarHandle.fullFence();
        ByteBuffer run = newChunk(changed.length);
        long start = changed[0].index();
        for (TreeNode node : changed) {
            if (node.index() != start + run.position() / RECORD_BYTES || !run.hasRemaining()) {
                flush(start, run);
                start = node.index();
            }
            run.put(node.hash().bytes()).putLong(node.size());
        }
        flush(start, run);
        writing = new Writing(new long[0]);
    }

    /**
     * Stores what a batch made, beyond what any head covers. Leaves and the parents among them lie side by side and are
     * written together; parents that reach to the left of the batch are few.
     */
    void append(TreeBatch batch) {
        ByteBuffer run = newChunk(batch.nodeCount());
        long start = batch.nodeIndex(0);
        for (int i = 0; i < batch.nodeCount(); i++) {
            long index = batch.nodeIndex(i);
            long at = (index - start) * RECORD_BYTES;
            if (at >= run.capacity()) {
                flush(start, run);
                run = newChunk(batch.nodeCount() - i);
                start = index;
                at = 0;
            }
            if (at < 0) {
                ByteBuffer single = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                encode(batch, i, single, 0);
                records.write(index, single.position(0));
            } else {
                encode(batch, i, run, (int) at);
                run.position(Math.max(run.position(), (int) at + RECORD_BYTES));
            }
        }
        flush(start, run);
    }

    private static void encode(TreeBatch batch, int i, ByteBuffer target, int at) {
        target.put(at, batch.nodeHashes(), i * Hash.BYTES, Hash.BYTES).putLong(at + SIZE, batch.nodeSize(i));
    }

    /** Room for {@code nodes} nodes and the gaps between them, but at most {@link #CHUNK}. */
    private static ByteBuffer newChunk(int nodes) {
        int room = Math.min(CHUNK / RECORD_BYTES, nodes + 1);
        return ByteBuffer.allocate(room * RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void flush(long start, ByteBuffer run) {
        run.flip();
        if (run.hasRemaining()) {
            records.write(start, run);
        }
        run.clear();
    }

    /** Makes a node absent. */
    void remove(long index) {
        records.zero(index, index + 1);
    }

    /**
     * Makes all nodes absent that a tree of {@code length} blocks does not have: those to its right, up to before flat
     * index {@code end}, and those that begin inside it and reach beyond it.
     */
    void removeBeyond(long length, long end) {
        long first = 2 * length;
        for (int depth = 1; 1L << depth <= first; depth++) {
            long above = FlatTree.index(depth, length >> depth);
            if (above < first) {
                remove(above);
            }
        }
        records.zero(first, end);
    }

    SegmentFile records() {
        return records;
    }

    @Override
    public void close() {
        records.close();
    }
}

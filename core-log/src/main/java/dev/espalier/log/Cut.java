package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.TreeNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a log held from some length on before it was cut there: places of blocks and tree nodes. Their bytes stay in the
 * data file.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Cut {

    /** Most blocks that are kept; some 200 bytes of memory each. */
    static final int MAX_BLOCKS = 1 << 20;

    private final long from;
    private final long[] offsets;
    private final int[] lengths;
    private final @Nullable TreeNode[] beyond;
    private final Map<Long, TreeNode> above = new HashMap<>();

    /**
     * Keeps what is held of {@code from} to {@code end - 1}; nothing where that are more than {@link #MAX_BLOCKS}. Under the
     * write lock.
     */
    Cut(LogFiles files, long from, long end) {
        this.from = from;
        int count = end - from > MAX_BLOCKS ? 0 : (int) (end - from);
        this.offsets = new long[count];
        this.lengths = new int[count];
        this.beyond = new TreeNode[2 * count];
        for (int i = 0; i < count; i++) {
            if (files.bits().get(from + i)) {
                offsets[i] = files.entries().offset(from + i);
                lengths[i] = files.entries().length(from + i);
            }
        }
        for (int i = 0; i < beyond.length; i++) {
            beyond[i] = files.tree().node(2 * from + i);
        }
        for (int depth = 1; count > 0 && 1L << depth <= 2 * from; depth++) {
            long index = FlatTree.index(depth, from >> depth);
            TreeNode node = index < 2 * from ? files.tree().node(index) : null;
            if (node != null) {
                above.put(index, node);
            }
        }
    }

    /** First block that was cut off. */
    long from() {
        return from;
    }

    /** Where a block lies in the data file; 0 when it was not held. */
    long offset(long block) {
        return block - from < offsets.length ? offsets[(int) (block - from)] : 0;
    }

    int length(long block) {
        return lengths[(int) (block - from)];
    }

    /** Whether a node was cut off: one that reaches beyond the length. */
    boolean covers(long node) {
        return FlatTree.endBlock(node) > from;
    }

    /** A node that was cut off, if it was held. */
    @Nullable
    TreeNode node(long index) {
        long at = index - 2 * from;
        if (at < 0) {
            return above.get(index);
        }
        return at < beyond.length ? beyond[(int) at] : null;
    }
}

package dev.espalier.drive;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a tree by number, the last used ones kept decoded, at most {@link #CACHE_BYTES} of them.
 *
 * <p><b>Threading:</b> any number of threads; the log is asked without holding a lock.
 */
final class TreeBlocks {

    /** Memory that decoded blocks may take, for each open tree. */
    static final long CACHE_BYTES = 8L << 20;

    private final TreeLog log;
    private final LinkedHashMap<Long, TreeBlock> cache = new LinkedHashMap<>(64, 0.75f, true);
    private long cachedBytes;
    private long cachedFork;

    TreeBlocks(TreeLog log) {
        this.log = log;
        this.cachedFork = log.fork();
    }

    TreeLog log() {
        return log;
    }

    TreeBlock block(long seq) {
        long fork = log.fork();
        TreeBlock known = cached(seq, fork);
        if (known != null) {
            return known;
        }
        TreeBlock fresh = TreeBlock.decode(seq, log.block(seq));
        keep(fresh, fork);
        return fresh;
    }

    /** Says that a block is likely to be read soon. */
    void expect(long seq) {
        log.expect(seq);
    }

    /** The node at level {@code offset} of block {@code seq}. */
    StoredNode node(long seq, long offset) {
        StoredNode node = block(seq).node(this, offset);
        if (node == null) {
            throw Failures.corrupt(
                    "Block " + seq + " of the tree has no level " + offset + ", but a node refers to it.");
        }
        return node;
    }

    /** The root of a version; null for the empty tree before the first block. */
    @Nullable
    StoredNode root(long version) {
        if (version < 2) {
            return null;
        }
        StoredNode root = block(version - 1).node(this, 0);
        if (root == null) {
            throw Failures.notFound("There is no version " + version
                    + ": its block has no root, so it lies inside a batch; only ends of batches are versions.");
        }
        return root;
    }

    private synchronized @Nullable TreeBlock cached(long seq, long fork) {
        if (fork != cachedFork) {
            cache.clear();
            cachedBytes = 0;
            cachedFork = fork;
        }
        return cache.get(seq);
    }

    private synchronized void keep(TreeBlock block, long fork) {
        if (fork != cachedFork || fork != log.fork() || block.footprint() > CACHE_BYTES / 16) {
            return;
        }
        TreeBlock before = cache.put(block.seq(), block);
        cachedBytes += block.footprint() - (before == null ? 0 : before.footprint());
        var eldest = cache.entrySet().iterator();
        while (cachedBytes > CACHE_BYTES && eldest.hasNext()) {
            Map.Entry<Long, TreeBlock> entry = eldest.next();
            cachedBytes -= entry.getValue().footprint();
            eldest.remove();
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mends what {@link LogAudit} finds: nodes that can be computed from what is stored beside them are written anew, the
 * others, and blocks that do not hash to their leaf, count as missing afterwards, so that peers can bring them again. What
 * is left holds, and nothing of it is changed. The bytes of blocks stay in the data file.
 *
 * <p>Goes from the signed roots down: a node is trusted when it is a root of the head, whose signature holds, or when it and
 * its sibling hash to a trusted parent. A head that does not hold itself cannot be mended.
 *
 * <p>Reads all that is stored, and holds writers up meanwhile; readers go on. <b>Threading:</b> any thread, one repair per
 * object.
 */
public final class LogRepair {

    private final LogCore core;
    private final LogFiles files;
    private final TreeHead head;
    private final NodeMender mender;
    private final List<long[]> cleared = new ArrayList<>();
    private long nodesRestored;
    private long nodesRemoved;
    private long blocksMissing;

    /**
     * What was done.
     *
     * @param nodesRestored nodes that were computed and written again
     * @param nodesRemoved nodes that lead to no root, and are missing now
     * @param blocksMissing blocks that were held, and are missing now
     */
    public record Report(long nodesRestored, long nodesRemoved, long blocksMissing) {}

    private LogRepair(LogCore core) {
        this.core = core;
        this.files = core.files();
        this.head = core.head();
        this.mender = new NodeMender(core.hashedNodes(head), this::bytes);
    }

    /**
     * Mends a log; the result is on the device on return.
     *
     * @throws CorruptLogException when the head itself does not hold; nothing was changed
     */
    public static Report run(Log log) {
        LogCore core = log.core();
        LogRepair repair;
        core.writing().lock();
        try {
            core.checkOpen();
            repair = new LogRepair(core);
            repair.checkHead();
            core.beginSparseWrite();
            try {
                core.settle(repair.head.length());
                for (TreeNode root : repair.head.roots()) {
                    repair.mend(root);
                }
                core.commit(repair.head, Durability.DATA);
            } catch (RuntimeException | InternalError e) {
                throw core.stop(e);
            }
        } finally {
            core.writing().unlock();
        }
        repair.cleared.forEach(range -> core.events().blocksCleared(range[0], range[1] - range[0]));
        return new Report(repair.nodesRestored, repair.nodesRemoved, repair.blocksMissing);
    }

    private void checkHead() {
        if (head.length() == 0) {
            return;
        }
        HeadVerifier verifier = core.verifier();
        if (verifier == null || !verifier.verify(head.roots(), head.length(), head.fork(), head.signature())) {
            throw new CorruptLogException(
                    core.folder().file(FileKind.HEAD),
                    SegmentFile.HEADER_BYTES,
                    "Head",
                    "one whose signature holds; without it nothing else can be told to be right",
                    verifier == null ? "none, the manifest is not known" : "a signature that does not hold");
        }
    }

    /** Mends all below a trusted node, and its own record. */
    private void mend(TreeNode trusted) {
        if (!trusted.equals(files.tree().hashedNode(trusted.index()))) {
            files.tree().put(trusted, true);
            nodesRestored++;
        }
        if (FlatTree.depth(trusted.index()) == 0) {
            long block = trusted.index() / 2;
            if (files.bits().get(block) && !holds(block, trusted)) {
                giveUp(block);
            }
            return;
        }
        NodeMender.Pair children = mender.childrenOf(trusted);
        if (children == null) {
            giveUpBelow(trusted.index());
        } else {
            mend(children.left());
            mend(children.right());
        }
    }

    private boolean holds(long block, TreeNode leaf) {
        ByteBuffer bytes = bytes(block);
        return bytes != null
                && bytes.remaining() == leaf.size()
                && TreeHashes.leaf(bytes).equals(leaf.hash());
    }

    private @Nullable ByteBuffer bytes(long block) {
        try {
            return core.block(block);
        } catch (CorruptLogException e) {
            return null; // Its entry leads nowhere.
        }
    }

    /** Makes all that is stored below a node missing: blocks first, which need their nodes. */
    private void giveUpBelow(long index) {
        long end = FlatTree.endBlock(index);
        for (long block = files.bits().nextSet(FlatTree.firstBlock(index), end);
                block < end;
                block = files.bits().nextSet(block + 1, end)) {
            giveUp(block);
        }
        for (long node = FlatTree.leftSpan(index); node <= FlatTree.rightSpan(index); node++) {
            if (node != index && files.tree().has(node)) {
                files.tree().remove(node);
                nodesRemoved++;
            }
        }
    }

    private void giveUp(long block) {
        core.uncounted(block, block + 1);
        files.bits().clear(block);
        files.entries().removeFrom(block, block + 1);
        blocksMissing++;
        long[] last = cleared.isEmpty() ? null : cleared.get(cleared.size() - 1);
        if (last != null && last[1] == block) {
            last[1]++;
        } else {
            cleared.add(new long[] {block, block + 1});
        }
    }
}

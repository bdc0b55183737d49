package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Produces proofs from stored nodes (log specification §9).
 *
 * <p>Requests come from peers: whatever they ask, the answer is a proof or a {@link VerificationException} with code
 * {@code INVALID_OPERATION}, after a number of steps in the order of the tree's depth. <b>Threading:</b> stateless.
 */
public final class Prover {

    private final NodeSource nodes;
    private final TreeHead head;
    private final ProofRequest request;

    private final ProofRequest.@Nullable Node target;
    private final ProofRequest.@Nullable Upgrade upgrade;
    /** Flat index of the block or hash asked for; -1 without one. */
    private final long targetIndex;

    private @Nullable List<TreeNode> targetPath;
    private @Nullable List<TreeNode> seekPath;

    private Prover(NodeSource nodes, TreeHead head, @Nullable Prologue prologue, ProofRequest request) {
        this.nodes = nodes;
        this.head = head;
        this.request = request;
        this.upgrade = withPrologue(request.upgrade(), prologue);
        if (request.block() != null) {
            target = request.block();
            if (target.index() < 0 || target.index() >= TreeBatch.MAX_LENGTH) {
                throw refused("block " + target.index() + " is out of range");
            }
            targetIndex = 2 * target.index();
        } else {
            target = request.hash();
            targetIndex = target == null ? -1 : target.index();
            if (target != null && (targetIndex < 0 || targetIndex > CompactReader.MAX_UINT)) {
                throw refused("tree node " + targetIndex + " is out of range");
            }
        }
    }

    /** An upgrade from below the prologue goes to its end; what follows is additional. */
    private static ProofRequest.@Nullable Upgrade withPrologue(
            ProofRequest.@Nullable Upgrade upgrade, @Nullable Prologue prologue) {
        if (upgrade == null || prologue == null || upgrade.start() >= prologue.length()) {
            return upgrade;
        }
        return new ProofRequest.Upgrade(0, prologue.length());
    }

    /**
     * The proof for {@code request} at {@code head}, without the block's bytes; the manifest is attached by the caller.
     *
     * @param nodes the stored nodes of the log
     * @param head the newest head, whose signature goes into an upgrade
     * @param prologue what is fixed of the log, or null
     * @throws VerificationException {@code INVALID_OPERATION} when refused: the log is empty, the upgrade is empty or goes
     *     beyond the head, a target or a seek lies outside, or a node is not stored
     */
    public static Proof prove(NodeSource nodes, TreeHead head, @Nullable Prologue prologue, ProofRequest request) {
        return new Prover(nodes, head, prologue, request).prove();
    }

    private Proof prove() {
        if (head.length() == 0) {
            throw refused("an empty log proves nothing");
        }
        long start = upgrade == null ? 0 : upgrade.start();
        long end = upgrade == null ? head.length() : endOf(upgrade);
        boolean below = target != null && (upgrade == null || FlatTree.endBlock(targetIndex) <= start);
        ProofRequest.Seek seek = request.seek();
        if (seek != null && (seek.bytes() < 0 || seek.padding() < 0)) {
            throw refused("a seek to a negative position");
        }
        if (seek != null && target != null && !below) {
            throw refused("a seek together with a block or hash that the upgrade brings");
        }
        if (below) {
            proveBelow(target, end, seek);
        }
        Proof.Upgrade proven = null;
        if (upgrade != null) {
            long subTree = below ? -1 : seek != null ? offsets(seek).seekRoot(end, seek.bytes()) : targetIndex;
            List<TreeNode> path = proveUpgrade(start, end, subTree);
            List<TreeNode> additional =
                    head.length() > end ? storedAll(UpgradePath.indexes(end, head.length())) : List.of();
            proven = new Proof.Upgrade(upgrade.start(), upgrade.length(), path, additional, head.signature());
        }
        if (target != null && targetPath == null) {
            throw refused("tree node " + targetIndex + " is not below the upgrade to " + end + " blocks");
        }
        return new Proof(
                head.fork(),
                request.block() == null || targetPath == null
                        ? null
                        : new Proof.Block(request.block().index(), null, targetPath),
                request.block() != null || targetPath == null ? null : new Proof.NodePath(targetIndex, targetPath),
                seek == null || seekPath == null ? null : new Proof.SeekPath(seek.bytes(), seekPath),
                proven,
                null);
    }

    private long endOf(ProofRequest.Upgrade upgrade) {
        long start = upgrade.start();
        long length = upgrade.length();
        if (start < 0 || length <= 0 || start > head.length() || length > head.length() - start) {
            throw refused("an upgrade of " + length + " blocks from " + start + ", but the log has " + head.length());
        }
        return start + length;
    }

    /** A target in the part of the tree that the asker has: climbs as many levels as asked. */
    private void proveBelow(ProofRequest.Node target, long end, ProofRequest.@Nullable Seek seek) {
        if (target.nodes() < 0 || FlatTree.endBlock(targetIndex) > end) {
            throw refused("tree node " + targetIndex + " is not below " + end + " blocks");
        }
        long top = targetIndex;
        for (long i = 0; i < target.nodes(); i++) {
            top = FlatTree.parent(top);
            if (FlatTree.endBlock(top) > end) {
                throw refused(target.nodes() + " levels above node " + targetIndex + " is outside of the tree of " + end
                        + " blocks");
            }
        }
        long seekRoot = seek == null ? -1 : offsets(seek).seekRootWithin(top, seek.bytes());
        provePath(seekRoot, top);
    }

    private List<TreeNode> proveUpgrade(long start, long end, long subTree) {
        List<TreeNode> path = new ArrayList<>();
        boolean embedded = subTree < 0;
        for (long index : UpgradePath.indexes(start, end)) {
            if (!embedded && FlatTree.covers(index, subTree)) {
                embedded = true;
                provePath(subTree, index);
            } else {
                path.add(stored(nodes, index));
            }
        }
        return path;
    }

    /** The path from the target, if any, up to {@code top}, and the seek's own path where that leaves the target's. */
    private void provePath(long seekRoot, long top) {
        if (target == null) {
            proveSeek(seekRoot, top);
            return;
        }
        List<TreeNode> path = new ArrayList<>();
        if (request.block() == null) {
            path.add(stored(nodes, targetIndex));
        }
        for (long node = targetIndex; node != top; node = FlatTree.parent(node)) {
            long sibling = FlatTree.sibling(node);
            boolean seekInside = request.seek() != null
                    && seekRoot >= 0
                    && sibling != seekRoot
                    && FlatTree.covers(sibling, seekRoot);
            if (seekInside) {
                proveSeek(seekRoot, sibling);
            } else {
                path.add(stored(nodes, sibling));
            }
        }
        targetPath = path;
    }

    private void proveSeek(long seekRoot, long top) {
        List<TreeNode> path = new ArrayList<>();
        path.add(stored(nodes, seekRoot));
        for (long node = seekRoot; node != top; node = FlatTree.parent(node)) {
            path.add(stored(nodes, FlatTree.sibling(node)));
        }
        seekPath = path;
    }

    private ByteOffsets offsets(ProofRequest.Seek seek) {
        return new ByteOffsets(nodes, head, seek.padding());
    }

    private List<TreeNode> storedAll(long[] indexes) {
        List<TreeNode> list = new ArrayList<>(indexes.length);
        for (long index : indexes) {
            list.add(stored(nodes, index));
        }
        return list;
    }

    /** The stored node, or {@code INVALID_OPERATION}. */
    static TreeNode stored(NodeSource nodes, long index) {
        TreeNode node = nodes.node(index);
        if (node == null) {
            throw refused("tree node " + index + " is not stored");
        }
        return node;
    }

    private static VerificationException refused(String why) {
        return VerificationException.operation(why);
    }

    /**
     * How many {@code nodes} to ask for (§8): levels from flat {@code index} to the nearest stored node above it or itself,
     * or to where the tree ends; 0 outside the length.
     *
     * @param nodes the stored nodes of the asker
     * @param length the asker's length in blocks
     */
    public static long missingNodes(NodeSource nodes, long length, long index) {
        if (FlatTree.endBlock(index) > length) {
            return 0;
        }
        long count = 0;
        for (long node = index;
                FlatTree.endBlock(node) <= length && nodes.node(node) == null;
                node = FlatTree.parent(node)) {
            count++;
        }
        return count;
    }

    /** Whether an upgrade from {@code from} blocks can be proven: all roots of that length are stored. */
    public static boolean canUpgradeFrom(NodeSource nodes, TreeHead head, long from) {
        if (from < 0 || from > head.length()) {
            return false;
        }
        for (long root : FlatTree.roots(from)) {
            if (nodes.node(root) == null) {
                return false;
            }
        }
        return true;
    }
}

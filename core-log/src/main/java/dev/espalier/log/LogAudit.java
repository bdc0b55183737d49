package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.TreeHashes;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks all that is stored of a log against its signed head: the signature over the roots, every stored node against its
 * children and up to a root, every held block against its leaf. Changes nothing; {@link LogRepair} does.
 *
 * <p>Takes one pass over the stored nodes and one over the held blocks. Writers go on meanwhile; what looks wrong is
 * looked at once more with writers held up. <b>Threading:</b> any thread, one audit per object.
 */
public final class LogAudit {

    /** Most findings that a report lists; all are counted. */
    public static final int MAX_LISTED = 1000;

    /** What can be bad. */
    public enum Kind {
        /** The head's signature or tree hash. */
        HEAD,
        /** A tree node, by flat index. */
        NODE,
        /** A block, by index. */
        BLOCK
    }

    /**
     * Something that does not hold.
     *
     * @param kind what it is
     * @param index which one; 0 for the head
     * @param why what differs, in words
     */
    public record Bad(Kind kind, long index, String why) {}

    /**
     * What an audit found.
     *
     * @param head the head that was audited
     * @param blocks held blocks that were hashed
     * @param nodes stored nodes that were checked
     * @param badCount how many do not hold
     * @param bad the first of those, at most {@link #MAX_LISTED}
     */
    public record Report(TreeHead head, long blocks, long nodes, long badCount, List<Bad> bad) {

        /** Whether all holds. */
        public boolean ok() {
            return badCount == 0;
        }
    }

    private final LogCore core;
    private final TreeHead head;
    private final NodeSource nodes;
    private final List<Bad> suspects = new ArrayList<>();
    private long nodeCount;
    private long blockCount;
    private long badCount;

    private LogAudit(LogCore core) {
        this.core = core;
        this.head = core.head();
        this.nodes = core.hashedNodes(head);
    }

    /** Audits a log as it is now. Reads all that is stored of it. */
    public static Report run(Log log) {
        LogCore core = log.core();
        while (true) {
            LogAudit audit = new LogAudit(core);
            audit.scan();
            Report report = audit.confirm();
            if (report != null) {
                return report;
            }
        }
    }

    private void scan() {
        suspect(Kind.HEAD, 0, head());
        for (long index = 0; index < 2 * head.length() - 1; index++) {
            TreeNode node = nodes.node(index);
            if (node != null) {
                nodeCount++;
                suspect(Kind.NODE, index, node(node));
            }
        }
        BitFile bits = core.files().bits();
        long length = head.length();
        for (long block = bits.nextSet(0, length); block < length; block = bits.nextSet(block + 1, length)) {
            blockCount++;
            suspect(Kind.BLOCK, block, block(block));
        }
    }

    private void suspect(Kind kind, long index, @Nullable String why) {
        if (why != null) {
            badCount++;
            if (suspects.size() < MAX_LISTED) {
                suspects.add(new Bad(kind, index, why));
            }
        }
    }

    /** The report; null when the log was truncated meanwhile. */
    private @Nullable Report confirm() {
        core.writing().lock();
        try {
            if (!core.isStill(head)) {
                return null;
            }
            List<Bad> bad = new ArrayList<>();
            for (Bad one : suspects) {
                String why = again(one);
                if (why == null) {
                    badCount--; // A writer was in the middle of it.
                } else {
                    bad.add(new Bad(one.kind(), one.index(), why));
                }
            }
            return new Report(head, blockCount, nodeCount, badCount, List.copyOf(bad));
        } finally {
            core.writing().unlock();
        }
    }

    private @Nullable String again(Bad suspect) {
        return switch (suspect.kind()) {
            case HEAD -> head();
            case NODE -> {
                TreeNode node = nodes.node(suspect.index());
                yield node == null ? null : node(node);
            }
            case BLOCK -> core.files().bits().get(suspect.index()) ? block(suspect.index()) : null;
        };
    }

    private @Nullable String head() {
        if (head.length() == 0) {
            return null;
        }
        List<TreeNode> roots = core.roots(head, head.length());
        if (roots == null) {
            return "a root is not stored";
        }
        Hash hash = TreeHashes.tree(roots); // Hashes sizes as they are, whatever they are.
        if (!hash.equals(head.treeHash())) {
            return "the stored roots hash to " + hash + ", the head says " + head.treeHash();
        }
        HeadVerifier verifier = core.verifier();
        if (verifier == null) {
            return "the manifest is not known";
        }
        return verifier.verify(roots, head.length(), head.fork(), head.signature())
                ? null
                : "the signature does not hold";
    }

    private @Nullable String node(TreeNode node) {
        long parent = FlatTree.parent(node.index());
        boolean root = FlatTree.endBlock(parent) > head.length();
        if (!root && nodes.node(parent) == null) {
            return "its parent " + parent + " is not stored";
        }
        if ((node.index() & 1) == 0) {
            return null;
        }
        TreeNode left = nodes.node(FlatTree.leftChild(node.index()));
        TreeNode right = nodes.node(FlatTree.rightChild(node.index()));
        if (left == null && right == null) {
            return null;
        }
        if (left == null || right == null) {
            return "one of its two children is not stored";
        }
        TreeNode computed = NodeMender.parentOf(left, right);
        if (computed == null) {
            return "its children have sizes that nothing can have: " + left.size() + " and " + right.size();
        }
        return computed.equals(node) ? null : "its children give " + text(computed) + ", it says " + text(node);
    }

    private static String text(TreeNode node) {
        return node.hash() + " and " + node.size() + " bytes";
    }

    private @Nullable String block(long index) {
        TreeNode leaf = nodes.node(2 * index);
        if (leaf == null) {
            return "its leaf is not stored";
        }
        ByteBuffer bytes;
        try {
            bytes = core.block(index);
        } catch (CorruptLogException e) {
            return e.getMessage();
        }
        if (bytes == null) {
            return null; // Given up or truncated since.
        }
        if (bytes.remaining() != leaf.size()) {
            return "it has " + bytes.remaining() + " bytes, its leaf says " + leaf.size();
        }
        Hash hash = TreeHashes.leaf(bytes);
        return hash.equals(leaf.hash()) ? null : "it hashes to " + hash + ", its leaf says " + leaf.hash();
    }
}

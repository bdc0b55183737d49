package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is held of a log that was kept as it was. The caller has entered the log's {@link ViewCount}. */
final class FrozenSource implements TreeCopy.Source {

    private final Key key;
    private final LogFolder folder;
    private final LogFiles files;
    private final Frozen frozen;

    FrozenSource(LogCore core, Frozen frozen) {
        this.key = core.key();
        this.folder = core.folder();
        this.files = core.files();
        this.frozen = frozen;
    }

    @Override
    public NodeMender.@Nullable Pair children(TreeNode parent) {
        TreeNode left = frozen.node(FlatTree.leftChild(parent.index()));
        TreeNode right = frozen.node(FlatTree.rightChild(parent.index()));
        if (left != null && right != null) {
            return new NodeMender.Pair(left, right);
        }
        long end = FlatTree.endBlock(parent.index());
        long held = files.bits().nextSet(FlatTree.firstBlock(parent.index()), end);
        if (held < end && frozen.block(held) != null) {
            throw wrong("block " + held + " without its hashes", parent.index());
        }
        return null;
    }

    @Override
    public @Nullable ByteBuffer block(TreeNode leaf) {
        return frozen.block(leaf.index() / 2);
    }

    @Override
    public RuntimeException wrong(String what, long index) {
        return new CorruptLogException(
                folder.file(FileKind.TREE),
                SegmentFile.HEADER_BYTES + index * TreeFile.RECORD_BYTES,
                "Tree node " + index + " of log " + key,
                "what its parent says",
                what + "; more tells espalier log audit");
    }
}

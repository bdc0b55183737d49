package dev.espalier.log;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * First step of opening a log: finds the newest head that holds.
 *
 * <p>After a clean close that is the newest head whose roots are stored and hash to what it says. After an unclean stop
 * its signature must hold, too, and all blocks must be there that were appended since the last head that was forced to the
 * device: of what was written after that, a loss of power may have kept any part. An older head stands in only where the
 * newer one was never promised to be on the device. A head that was forced and does not hold means damage.
 */
final class HeadSelector {

    private static final Logger LOG = LoggerFactory.getLogger(HeadSelector.class);

    private final Path file;
    private final Identity identity;
    private final boolean signed;
    private final LogFiles files;
    private final long cleanSequence;

    /** Looks at the files of a log, or, not {@code signed}, of a branch. */
    HeadSelector(LogFolder folder, Identity identity, boolean signed, LogFiles files) {
        this.file = folder.file(FileKind.HEAD);
        this.identity = identity;
        this.signed = signed;
        this.files = files;
        this.cleanSequence = files.head().cleanSequence();
    }

    /**
     * What was selected.
     *
     * @param head the head to open at
     * @param record its record
     * @param forced the newest head known to be on the device with all it leads to; the same, or an older one
     * @param clean whether nothing was written since the log was last closed
     */
    record Selected(TreeHead head, HeadRecord record, HeadRecord forced, boolean clean) {}

    /** The head to open at. */
    Selected select(List<HeadRecord> newestFirst) {
        HeadRecord forced = newestFirst.stream()
                .filter(HeadRecord::forced)
                .findFirst()
                .orElseThrow(() -> new CorruptLogException(
                        file,
                        SegmentFile.HEADER_BYTES,
                        "Head",
                        "a slot with a valid checksum whose head was forced",
                        "none"));
        String wrong = "";
        for (HeadRecord record : newestFirst) {
            List<TreeNode> roots = roots(record);
            wrong = verdict(record, roots, forced);
            if (wrong.isEmpty()) {
                TreeHead head = TreeHead.of(record.fork(), roots, record.signature());
                return new Selected(head, record, forced, record.sequence() == cleanSequence);
            }
            if (record.forced()) {
                break;
            }
            LOG.warn("Head {} of {} does not hold, trying the one before: {}", record.sequence(), file, wrong);
        }
        throw new CorruptLogException(file, SegmentFile.HEADER_BYTES, "Head", "one that its tree proves", wrong);
    }

    /** What is wrong with a head, in words; empty when it holds. */
    private String verdict(HeadRecord record, List<TreeNode> roots, HeadRecord forced) {
        if (record.length() < 0 || record.fork() < 0 || roots.size() != FlatTree.rootCount(record.length())) {
            return "length " + record.length() + " with " + roots.size() + " stored roots";
        }
        TreeHead head = TreeHead.of(record.fork(), roots, record.signature());
        if (!head.treeHash().equals(record.treeHash()) || head.byteLength() != record.byteLength()) {
            return "tree hash " + record.treeHash() + ", but the stored roots give " + head.treeHash();
        }
        if (record.sequence() == cleanSequence) {
            return "";
        }
        if (signed && record.length() > 0 && !isSigned(record, roots)) {
            return "length " + record.length() + " with a signature that does not hold";
        }
        return record.forced()
                ? ""
                : TailVerifier.verdict(files, Math.max(record.appendedFrom(), forced.length()), record.length());
    }

    private boolean isSigned(HeadRecord record, List<TreeNode> roots) {
        Manifest manifest = identity.manifest();
        return manifest != null
                && HeadVerifier.of(identity.key(), manifest)
                        .verify(roots, record.length(), record.fork(), record.signature());
    }

    private List<TreeNode> roots(HeadRecord record) {
        List<TreeNode> roots = new ArrayList<>();
        if (record.length() >= 0 && record.length() <= FlatTree.MAX_INDEX / 2) {
            for (long index : FlatTree.roots(record.length())) {
                TreeNode root = files.tree().node(index);
                if (root != null) {
                    roots.add(root);
                }
            }
        }
        return roots;
    }
}

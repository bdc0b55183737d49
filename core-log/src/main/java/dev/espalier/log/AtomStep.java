package dev.espalier.log;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What an {@link Atom} does to one log, computed and signed: blocks from {@code common} on go, these come.
 *
 * <p><b>Threading:</b> under the write lock of the log, but {@link #announce}.
 */
final class AtomStep {

    private final LogCore core;
    private final TreeHead before;
    private final TreeHead after;
    private final long common;
    private final TreeBatch batch;
    private final List<ByteBuffer> blocks;
    private final long[] offsets;

    /** The blocks are as they are stored; {@code batch} began at {@code common} and has them all. */
    AtomStep(LogCore core, TreeHead before, TreeHead after, long common, TreeBatch batch, List<ByteBuffer> blocks) {
        this.core = core;
        this.before = before;
        this.after = after;
        this.common = common;
        this.batch = batch;
        this.blocks = blocks;
        this.offsets = new long[blocks.size()];
    }

    LogCore core() {
        return core;
    }

    /** Whether blocks go that the log has. */
    boolean cuts() {
        return common < before.length();
    }

    /** Most bytes that {@link #change} takes in the journal. */
    long journalBytes() {
        long head = 2L * Hash.BYTES + HeadDescriptor.FIXED_BYTES + HeadDescriptor.MAX_SIGNATURE;
        return cuts() ? head + 64L * batch.nodeCount() + 16L * blocks.size() : head;
    }

    /** Refuses where nothing can be written, before anything is. */
    void begin() {
        if (cuts()) {
            core.branches().keep(common);
        }
        core.beginWrite();
    }

    /** Writes what no head leads to yet: the data, and where nothing is cut all the rest. */
    void write(Durability durability) {
        LogFiles files = core.files();
        files.data().append(blocks, offsets);
        if (!cuts()) {
            files.tree().append(batch);
            files.entries().putAll(common, offsets, lengths());
            files.bits().set(common, after.length());
        }
        if (durability != Durability.NONE) {
            files.forceContent(durability == Durability.FULL);
        }
    }

    private int[] lengths() {
        return blocks.stream().mapToInt(ByteBuffer::remaining).toArray();
    }

    /** What goes to the journal; after {@link #write}. */
    LogChange change(Durability durability) {
        HeadRecord record = core.nextRecord(after, durability != Durability.NONE);
        if (!cuts()) {
            return LogChange.ofHead(core.folder().discoveryKey(), record, before.length());
        }
        byte[] hashes = batch.nodeHashes();
        List<LogChange.Node> nodes = new ArrayList<>(batch.nodeCount());
        for (int i = 0; i < batch.nodeCount(); i++) {
            Hash hash = Hash.of(hashes, i * Hash.BYTES);
            nodes.add(new LogChange.Node(new TreeNode(batch.nodeIndex(i), batch.nodeSize(i), hash), true));
        }
        return new LogChange(core.folder().discoveryKey(), record, common, before.length(), nodes, offsets, lengths());
    }

    /** Puts the journaled change in place and publishes the head. */
    void finish(LogChange change, Durability durability) {
        if (cuts()) {
            core.rewrite(change, after, durability);
        } else {
            core.commitAppend(after, durability);
            core.counted(common, after.length());
        }
    }

    /** Tells listeners, without the lock. */
    void announce() {
        if (after.fork() != before.fork()) {
            core.events().truncated(common, after.fork());
        }
        core.events().headChanged();
        if (!blocks.isEmpty()) {
            core.events().blocksStored(common, blocks.size());
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One log's part of what a {@link Journal} holds: all that is needed to put a change in place again after a crash.
 *
 * <p>A change that only appends has its nodes, entries and bits in the files before it is journaled, where nothing leads
 * to them yet; it carries its head alone. One that {@linkplain #cuts cuts} writes over what the old head leads to, and so
 * carries everything.
 *
 * <p><b>Threading:</b> immutable; arrays inside are not to be changed.
 *
 * @param discoveryKey which log
 * @param head the head that is written last
 * @param common number of blocks that stay as they are
 * @param before length of the log before the change
 * @param nodes tree nodes to store
 * @param offsets where the blocks from {@code common} on lie in the data file; empty when there are none
 * @param lengths stored lengths of these blocks
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record LogChange(
        Key discoveryKey, HeadRecord head, long common, long before, List<Node> nodes, long[] offsets, int[] lengths) {

    /** A node and whether its size is proven; see {@link TreeFile}. */
    record Node(TreeNode node, boolean sizeProven) {

        /** Fewest bytes that a node takes in {@link #encode}. */
        static final int MIN_ENCODED = 35;
    }

    /** A change that moves the head and nothing else. */
    static LogChange ofHead(Key discoveryKey, HeadRecord head, long before) {
        return new LogChange(discoveryKey, head, before, before, List.of(), new long[0], new int[0]);
    }

    /** Whether blocks of the old head go. */
    boolean cuts() {
        return common < before;
    }

    /** Puts everything but the head in place; the same however often it is done. */
    void apply(LogFiles files) {
        if (cuts()) {
            files.bits().clearFrom(common);
            files.tree().removeBeyond(common, 2 * before);
            files.entries().removeFrom(common, before);
        }
        files.tree()
                .putAll(
                        nodes.stream().map(Node::node).toList(),
                        nodes.stream()
                                .filter(one -> !one.sizeProven())
                                .map(one -> one.node().index())
                                .collect(Collectors.toSet()));
        files.entries().putAll(common, offsets, lengths);
        files.bits().set(common, common + offsets.length);
    }

    void encode(CompactWriter out) {
        out.raw(discoveryKey.bytes())
                .buffer(HeadDescriptor.encode(head))
                .uint(common)
                .uint(before);
        out.uint(nodes.size());
        for (Node one : nodes) {
            TreeNode node = one.node();
            out.uint(node.index()).uint(node.size()).hash(node.hash()).uint8(one.sizeProven() ? 1 : 0);
        }
        out.uint(offsets.length);
        for (int i = 0; i < offsets.length; i++) {
            out.uint(offsets[i]).uint(lengths[i]);
        }
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws EncodingException when it is something else
     */
    static LogChange decode(CompactReader in) {
        Key discoveryKey = Key.of(in.fixed(Key.BYTES));
        byte[] slot = in.buffer();
        HeadRecord head = slot.length < HeadDescriptor.FIXED_BYTES ? null : HeadDescriptor.decode(slot);
        if (head == null) {
            throw new EncodingException("a journaled head without a valid checksum");
        }
        long common = in.uint();
        long before = in.uint();
        int nodeCount = in.uint("nodes", in.remaining() / Node.MIN_ENCODED);
        List<Node> nodes = new ArrayList<>(nodeCount);
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(new Node(new TreeNode(in.uint(), in.uint(), in.hash()), in.uint8() != 0));
        }
        int blocks = in.uint("blocks", in.remaining() / 2);
        long[] offsets = new long[blocks];
        int[] lengths = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            offsets[i] = in.uint();
            lengths[i] = in.uint("block length", LogWriter.MAX_BLOCK_BYTES);
        }
        return new LogChange(discoveryKey, head, common, before, nodes, offsets, lengths);
    }
}

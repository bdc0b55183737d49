package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One block of a B-tree's log (drive specification §1.1): {@code 0a} index, {@code 12} key, {@code 1a} value. The index
 * holds levels, {@code 0a} each; a level holds {@code 0a} packed seqs of its keys and {@code 12} packed pairs of its
 * children.
 *
 * <p>Levels are only looked at when they are asked for, so a block with a million of them costs nothing but its bytes.
 *
 * <p><b>Threading:</b> immutable.
 */
final class TreeBlock {

    private final long seq;
    private final byte[] raw;
    private final int indexStart;
    private final int indexEnd;
    private final byte[] key;
    private final int valueStart;
    private final int valueEnd;

    /** The node asked for last; a race costs one more decoding. */
    private @Nullable StoredNode node;

    private TreeBlock(long seq, byte[] raw, int indexStart, int indexEnd, byte[] key, int valueStart, int valueEnd) {
        this.seq = seq;
        this.raw = raw;
        this.indexStart = indexStart;
        this.indexEnd = indexEnd;
        this.key = key;
        this.valueStart = valueStart;
        this.valueEnd = valueEnd;
    }

    static TreeBlock decode(long seq, byte[] raw) {
        int indexStart = -1;
        int indexEnd = -1;
        int valueStart = -1;
        int valueEnd = -1;
        byte[] key = null;
        try {
            WireReader in = new WireReader(raw, 0, raw.length);
            for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
                switch (field) {
                    case 1 -> {
                        indexStart = in.start;
                        indexEnd = in.end;
                    }
                    case 2 -> key = Arrays.copyOfRange(raw, in.start, in.end);
                    case 3 -> {
                        valueStart = in.start;
                        valueEnd = in.end;
                    }
                    default -> {}
                }
            }
        } catch (EspalierException e) {
            throw Failures.corrupt("Block " + seq + " of the tree cannot be read: " + e.getMessage() + ".");
        }
        if (indexStart < 0 || key == null) {
            throw Failures.corrupt("Block " + seq + " of the tree lacks its index or key.");
        }
        return new TreeBlock(seq, raw, indexStart, indexEnd, key, valueStart, valueEnd);
    }

    long seq() {
        return seq;
    }

    byte[] key() {
        return key;
    }

    TreeItem item() {
        return new TreeItem(seq, key, valueStart < 0 ? null : Arrays.copyOfRange(raw, valueStart, valueEnd));
    }

    /** Bytes of memory that this takes, about. */
    int footprint() {
        return raw.length + key.length + 128;
    }

    /** The tree node at level {@code offset}; null when there are fewer levels. */
    @Nullable
    StoredNode node(TreeBlocks blocks, long offset) {
        StoredNode known = node;
        if (known != null && known.offset() == offset) {
            return known;
        }
        try {
            WireReader in = new WireReader(raw, indexStart, indexEnd);
            long level = 0;
            for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
                if (field == 1 && level++ == offset) {
                    StoredNode found = StoredNode.decode(blocks, seq, offset, raw, in.start, in.end);
                    node = found;
                    return found;
                }
            }
            return null;
        } catch (EspalierException e) {
            throw Failures.corrupt("The index of block " + seq + " cannot be read: " + e.getMessage() + ".");
        }
    }

    /** Whether this block took its key away: it has no value, and none of its nodes holds it. */
    boolean isDeletion() {
        if (valueStart >= 0) {
            return false;
        }
        try {
            WireReader in = new WireReader(raw, indexStart, indexEnd);
            for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
                if (field == 1 && StoredNode.holdsKey(raw, in.start, in.end, seq)) {
                    return false;
                }
            }
            return true;
        } catch (EspalierException e) {
            throw Failures.corrupt("The index of block " + seq + " cannot be read: " + e.getMessage() + ".");
        }
    }

    /** The bytes of a block. */
    static byte[] encode(byte[] index, byte[] key, byte @Nullable [] value) {
        WireWriter out = new WireWriter(index.length + key.length + (value == null ? 0 : value.length) + 16)
                .field(1, index)
                .field(2, key);
        return (value == null ? out : out.field(3, value)).toByteArray();
    }
}

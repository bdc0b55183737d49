package dev.espalier.drive;

import java.util.Arrays;

/** A tree node as a block holds it: refs to keys and children, which other blocks hold. Immutable. */
final class StoredNode implements TreeNode {

    private static final long[] NONE = new long[0];

    private final TreeBlocks blocks;
    private final long seq;
    private final long offset;
    private final long[] keys;

    /** Pairs: block, level in it. */
    private final long[] children;

    private StoredNode(TreeBlocks blocks, long seq, long offset, long[] keys, long[] children) {
        this.blocks = blocks;
        this.seq = seq;
        this.offset = offset;
        this.keys = keys;
        this.children = children;
    }

    /** Reads one level; refs may only lead back, so that no block can name one that is not signed yet. */
    static StoredNode decode(TreeBlocks blocks, long seq, long offset, byte[] raw, int from, int to) {
        long[] keys = NONE;
        long[] children = NONE;
        WireReader in = new WireReader(raw, from, to);
        for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
            if (field == 1) {
                keys = packed(raw, in.start, in.end, MAX_KEYS, "keys");
            } else if (field == 2) {
                children = packed(raw, in.start, in.end, 2 * (MAX_KEYS + 1), "child numbers");
            }
        }
        if (children.length != 0 && children.length != 2 * (keys.length + 1)) {
            throw Failures.corrupt(
                    "level " + offset + " has " + keys.length + " keys and " + children.length + " child numbers");
        }
        for (long key : keys) {
            checkRef(key, seq, offset);
        }
        for (int i = 0; i < children.length; i += 2) {
            checkRef(children[i], seq, offset);
        }
        // A reader far from the blocks asks for all that this node leads to at once.
        for (long key : keys) {
            blocks.expect(key);
        }
        for (int i = 0; i < children.length; i += 2) {
            blocks.expect(children[i]);
        }
        return new StoredNode(blocks, seq, offset, keys, children);
    }

    private static void checkRef(long ref, long seq, long offset) {
        if (ref < 1 || ref > seq) {
            throw Failures.corrupt("level " + offset + " refers to block " + ref + ", expected 1 to " + seq);
        }
    }

    private static long[] packed(byte[] raw, int from, int to, int max, String what) {
        long[] numbers = new long[max];
        int count = 0;
        WireReader in = new WireReader(raw, from, to);
        while (in.hasMore()) {
            if (count == max) {
                throw Failures.corrupt("more than " + max + " " + what + " in a node");
            }
            numbers[count++] = in.varint();
        }
        return count == max ? numbers : Arrays.copyOf(numbers, count);
    }

    /** Whether the level names {@code key} as one of its keys. */
    static boolean holdsKey(byte[] raw, int from, int to, long key) {
        WireReader in = new WireReader(raw, from, to);
        for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
            if (field == 1) {
                WireReader numbers = new WireReader(raw, in.start, in.end);
                while (numbers.hasMore()) {
                    if (numbers.varint() == key) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    long offset() {
        return offset;
    }

    @Override
    public int keyCount() {
        return keys.length;
    }

    long keySeq(int index) {
        return keys[index];
    }

    @Override
    public byte[] key(int index) {
        return blocks.block(keys[index]).key();
    }

    @Override
    public TreeItem item(int index) {
        return blocks.block(keys[index]).item();
    }

    @Override
    public boolean isLeaf() {
        return children.length == 0;
    }

    int childCount() {
        return children.length / 2;
    }

    long childSeq(int index) {
        return children[2 * index];
    }

    long childOffset(int index) {
        return children[2 * index + 1];
    }

    @Override
    public StoredNode child(int index) {
        return blocks.node(childSeq(index), childOffset(index));
    }

    @Override
    public String toString() {
        return "node " + offset + " of block " + seq;
    }
}

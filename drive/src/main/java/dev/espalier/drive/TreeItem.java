package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * A key with its value in a {@link BTree}. The arrays are shared, not copied: leave them as they are.
 *
 * <p><b>Threading:</b> immutable as long as nobody writes to the arrays.
 */
public final class TreeItem {

    private final long seq;
    private final byte[] key;
    private final byte @Nullable [] value;

    TreeItem(long seq, byte[] key, byte @Nullable [] value) {
        this.seq = seq;
        this.key = key;
        this.value = value;
    }

    /** The block that holds it; the version that wrote it is one more. */
    public long seq() {
        return seq;
    }

    /** The key. */
    public byte[] key() {
        return key;
    }

    /** The value; null when none was given. */
    public byte @Nullable [] value() {
        return value;
    }
}

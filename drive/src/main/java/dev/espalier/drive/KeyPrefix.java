package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.util.Arrays;

/**
 * A part of a {@link BTree} in which all keys begin with the same bytes, as Hyperbee's {@code sub} has them (drive
 * specification §1.9): the name, then a separator, a zero byte unless another is given. Parts can be nested; they share
 * log, lock and version of their tree.
 *
 * <pre>{@code
 * KeyPrefix users = KeyPrefix.of(utf8("users"));
 * tree.put(users.key(utf8("ada")), value);
 * for (TreeItem item : tree.snapshot().range(users.range())) { names.add(users.strip(item.key())); }
 * }</pre>
 *
 * <p><b>Threading:</b> immutable.
 */
public final class KeyPrefix {

    private static final byte[] ZERO = {0};

    private final byte[] bytes;

    private KeyPrefix(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The part of this name. */
    public static KeyPrefix of(byte[] name) {
        return of(name, ZERO);
    }

    /**
     * The part of this name, with a separator of choice.
     *
     * @throws EspalierException {@code BAD_ARGUMENT} for an empty separator
     */
    public static KeyPrefix of(byte[] name, byte[] separator) {
        return new KeyPrefix(new byte[0]).sub(name, separator);
    }

    /** A part of this part. */
    public KeyPrefix sub(byte[] name) {
        return sub(name, ZERO);
    }

    /** A part of this part, with a separator of choice. */
    public KeyPrefix sub(byte[] name, byte[] separator) {
        if (separator.length == 0) {
            throw Failures.badArgument("A part of a tree needs a separator of at least one byte after its name.");
        }
        return new KeyPrefix(joined(joined(bytes, name), separator));
    }

    /** The key in the tree of a key in this part. */
    public byte[] key(byte[] inside) {
        return joined(bytes, inside);
    }

    /** The key in this part of a key in the tree. */
    public byte[] strip(byte[] key) {
        if (key.length < bytes.length || !Arrays.equals(key, 0, bytes.length, bytes, 0, bytes.length)) {
            throw new IllegalArgumentException("the key is not of this part");
        }
        return Arrays.copyOfRange(key, bytes.length, key.length);
    }

    /** All keys of this part; as in JavaScript the empty one is left out. */
    public KeyRange range() {
        return range(KeyRange.ALL);
    }

    /** The range in the tree of a range in this part; an open end is the end of the part. */
    public KeyRange range(KeyRange inside) {
        KeyRange range = inside;
        byte[] lower = inside.lower;
        byte[] upper = inside.upper;
        range = lower == null
                ? range.after(joined(bytes, ZERO))
                : inside.lowerInclusive ? range.from(key(lower)) : range.after(key(lower));
        return upper == null
                ? range.before(next())
                : inside.upperInclusive ? range.to(key(upper)) : range.before(key(upper));
    }

    /** The last byte counted up, as JavaScript does it: a separator that ends with ff has no end that way. */
    private byte[] next() {
        byte[] next = bytes.clone();
        next[next.length - 1]++;
        return next;
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}

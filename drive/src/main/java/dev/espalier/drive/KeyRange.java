package dev.espalier.drive;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys of a {@link BTree}, compared as unsigned bytes.
 *
 * <p><b>Threading:</b> immutable; the arrays are shared, not copied.
 */
public final class KeyRange {

    /** Everything, least key first. */
    public static final KeyRange ALL = new KeyRange(null, false, null, false, false, -1);

    final byte @Nullable [] lower;
    final boolean lowerInclusive;
    final byte @Nullable [] upper;
    final boolean upperInclusive;
    final boolean reverse;
    final long limit;

    private KeyRange(
            byte @Nullable [] lower,
            boolean lowerInclusive,
            byte @Nullable [] upper,
            boolean upperInclusive,
            boolean reverse,
            long limit) {
        this.lower = lower;
        this.lowerInclusive = lowerInclusive;
        this.upper = upper;
        this.upperInclusive = upperInclusive;
        this.reverse = reverse;
        this.limit = limit;
    }

    /** The same, from {@code key} on. */
    public KeyRange from(byte[] key) {
        return new KeyRange(key, true, upper, upperInclusive, reverse, limit);
    }

    /** The same, what comes after {@code key}. */
    public KeyRange after(byte[] key) {
        return new KeyRange(key, false, upper, upperInclusive, reverse, limit);
    }

    /** The same, up to {@code key} and with it. */
    public KeyRange to(byte[] key) {
        return new KeyRange(lower, lowerInclusive, key, true, reverse, limit);
    }

    /** The same, what comes before {@code key}. */
    public KeyRange before(byte[] key) {
        return new KeyRange(lower, lowerInclusive, key, false, reverse, limit);
    }

    /** The same, greatest key first. */
    public KeyRange reversed() {
        return new KeyRange(lower, lowerInclusive, upper, upperInclusive, !reverse, limit);
    }

    /** The same, at most so many; negative for all. */
    public KeyRange limit(long count) {
        return new KeyRange(lower, lowerInclusive, upper, upperInclusive, reverse, count);
    }

    /** Whether {@code key} is not before the range. */
    boolean reaches(byte[] key) {
        return lower == null || Arrays.compareUnsigned(key, lower) >= (lowerInclusive ? 0 : 1);
    }

    /** Whether {@code key} is beyond the range. */
    boolean isPast(byte[] key) {
        return upper != null && Arrays.compareUnsigned(key, upper) > (upperInclusive ? 0 : -1);
    }
}

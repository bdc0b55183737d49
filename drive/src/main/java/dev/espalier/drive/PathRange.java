package dev.espalier.drive;

import org.jspecify.annotations.Nullable;

/**
 * A range of paths, compared by their UTF-8 bytes. An exclusive bound wins over an inclusive one.
 *
 * @param gt exclusive lower bound, or null
 * @param gte inclusive lower bound, or null
 * @param lt exclusive upper bound, or null
 * @param lte inclusive upper bound, or null
 * @param reverse greatest first
 * @param limit at most so many; negative for all
 */
public record PathRange(
        @Nullable String gt,
        @Nullable String gte,
        @Nullable String lt,
        @Nullable String lte,
        boolean reverse,
        long limit) {

    /** Everything. */
    public static final PathRange ALL = new PathRange(null, null, null, null, false, -1);

    /** {@code from <= path < to}. */
    public static PathRange of(String from, String to) {
        return new PathRange(null, from, to, null, false, -1);
    }
}

package dev.espalier.release;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One file that differs between two trees.
 *
 * @param type 1 added, 0 changed, -1 removed
 * @param sizes bytes: what came, what went and came, or what went; what went is negative. A change of the executable
 *     bit alone has two zeros
 * @param message the path
 */
public record ByteDiff(int type, List<Long> sizes, String message) implements Event {

    /** Keeps its own copy of the sizes. */
    public ByteDiff {
        if (type < -1 || type > 1) {
            throw new IllegalArgumentException("type must be -1, 0 or 1: " + type);
        }
        sizes = List.copyOf(sizes);
    }

    /** A file that is new. */
    public static ByteDiff added(String path, long bytes) {
        return new ByteDiff(1, List.of(bytes), path);
    }

    /** A file whose bytes or executable bit changed. */
    public static ByteDiff changed(String path, long bytesRemoved, long bytesAdded) {
        return new ByteDiff(0, List.of(-bytesRemoved, bytesAdded), path);
    }

    /** A file that is gone. */
    public static ByteDiff removed(String path, long bytes) {
        return new ByteDiff(-1, List.of(-bytes), path);
    }

    @Override
    public String tag() {
        return "byte-diff";
    }

    /** The mark of the type: {@code +}, {@code ~} or {@code -}. */
    public char mark() {
        return switch (type) {
            case 1 -> '+';
            case 0 -> '~';
            default -> '-';
        };
    }

    /** The line for a person: {@code ~ /path (-30B, +31B)}. */
    @Override
    public String toString() {
        return mark() + " " + message + " ("
                + sizes.stream().map(SizeText::signed).collect(Collectors.joining(", ")) + ")";
    }
}

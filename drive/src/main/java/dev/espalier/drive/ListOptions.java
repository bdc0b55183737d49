package dev.espalier.drive;

import java.util.function.Predicate;

/**
 * Which entries of a folder to list, and how.
 *
 * @param recursive false: one entry for each direct child, a sub-folder being shown as its first entry
 * @param reverse greatest path first
 * @param limit at most so many; negative for all
 * @param ignore paths to leave out; a folder on disk that is ignored is not entered
 */
public record ListOptions(boolean recursive, boolean reverse, long limit, Predicate<String> ignore) {

    /** Everything below the folder, in path order. */
    public static final ListOptions ALL = new ListOptions(true, false, -1, path -> false);

    /** The direct children. */
    public static final ListOptions SHALLOW = new ListOptions(false, false, -1, path -> false);

    /** The same, greatest path first. */
    public ListOptions reversed() {
        return new ListOptions(recursive, !reverse, limit, ignore);
    }

    /** The same, at most so many. */
    public ListOptions limit(long count) {
        return new ListOptions(recursive, reverse, count, ignore);
    }

    /** The same without paths that {@code test} accepts. */
    public ListOptions ignoring(Predicate<String> test) {
        return new ListOptions(recursive, reverse, limit, ignore.or(test));
    }
}

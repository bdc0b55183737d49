package dev.espalier.drive;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A file or a link in a tree.
 *
 * @param seq block of the db that holds it; 0 for entries of a folder on disk
 * @param path normalised path, begins with {@code /}
 * @param executable whether the file may be run
 * @param linkname text of a link as it was given; null for files
 * @param blob where the bytes are; null for links. Of a file on disk only {@link BlobId#byteLength} says something
 * @param metadata what was stored with the entry; null for nothing (or the JSON value {@code null})
 */
public record Entry(
        long seq,
        String path,
        boolean executable,
        @Nullable String linkname,
        @Nullable BlobId blob,
        @Nullable JsonText metadata) {

    /** Oldest first: by the block that holds the entry. Says nothing about entries of folders on disk. */
    public static final Comparator<Entry> BY_AGE = Comparator.comparingLong(Entry::seq);

    /** Whether this is a symbolic link: an empty text is none. */
    public boolean isLink() {
        return linkname != null && !linkname.isEmpty();
    }
}

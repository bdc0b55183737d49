package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Files and links by path, to be read: a drive, one of its versions, a batch, a folder on disk.
 *
 * <p>Paths use {@code /} (a {@code \} means the same), begin at the root whether they begin with a slash or not, and
 * are compared as UTF-8 bytes without any Unicode normalisation. A path that climbs above the root, or names the root
 * where a file is meant, is refused with {@code ERR_INVALID_INPUT}.
 *
 * <p>All methods block until they are done. What is neither here nor to be had from peers fails with {@code
 * ERR_NOT_FOUND}, what does not come in time with {@code ERR_TIMEOUT}, foreign data that makes no sense with {@code
 * ERR_CORRUPT}.
 */
public interface FileTree {

    /** Most bytes that {@link #get} returns. */
    int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** The file or link at {@code path}; null when there is none. Links are not followed, folders are not entries. */
    @Nullable
    Entry entry(String path);

    /** Whether a file or link is at {@code path}. */
    default boolean exists(String path) {
        return entry(path) != null;
    }

    /** All entries below {@code folder}, by the UTF-8 bytes of their paths. */
    default Iterable<Entry> list(String folder) {
        return list(folder, ListOptions.ALL);
    }

    /**
     * Entries below {@code folder}; none when there is no such folder. Each iteration reads as it goes. Of a drive it
     * sees the version of the moment of this call.
     */
    Iterable<Entry> list(String folder, ListOptions options);

    /** Names of the direct children of {@code folder}, each once; none when there is no such folder. */
    Iterable<String> readdir(String folder);

    /** Whether entries of this tree can have metadata. */
    default boolean keepsMetadata() {
        return false;
    }

    /** Number of bytes of a file of this tree; 0 for links. */
    long size(Entry entry);

    /**
     * The bytes {@code start} to {@code start + length - 1} of a file of this tree, cut where the file ends; nothing for
     * links.
     *
     * @param length {@link Long#MAX_VALUE} for all there are
     */
    InputStream newInputStream(Entry entry, long start, long length);

    /**
     * What changes with the bytes of a file of this tree, whatever writes them; null where nothing does that can be relied
     * on, as in a drive, which has versions for that.
     */
    default @Nullable FileStamp stamp(Entry entry) {
        return null;
    }

    /** All bytes of the file at {@code path}; {@code ERR_NOT_FOUND} when there is none. */
    default InputStream newInputStream(String path) {
        return newInputStream(path, 0, Long.MAX_VALUE);
    }

    /** Some bytes of the file at {@code path}; {@code ERR_NOT_FOUND} when there is none. */
    default InputStream newInputStream(String path, long start, long length) {
        Entry entry = entry(path);
        if (entry == null) {
            throw Failures.notFound("There is no file " + path + ".");
        }
        return newInputStream(entry, start, length);
    }

    /**
     * All bytes of the file at {@code path}; null when there is none or it is a link.
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_INVALID_INPUT} when it is too large for an array
     */
    default byte @Nullable [] get(String path) {
        Entry entry = entry(path);
        return entry == null || entry.blob() == null ? null : get(entry);
    }

    /**
     * All bytes of a file of this tree; none for links.
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_INVALID_INPUT} when it is too large for an array
     */
    default byte[] get(Entry entry) {
        long size = size(entry);
        if (size > MAX_ARRAY) {
            throw Failures.invalidInput(
                    entry.path() + " has " + size + " bytes, too many for an array: read it as a stream.");
        }
        try (InputStream in = newInputStream(entry, 0, Long.MAX_VALUE)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw Failures.io(entry.path() + " cannot be read: " + e.getMessage() + ".", e);
        }
    }
}

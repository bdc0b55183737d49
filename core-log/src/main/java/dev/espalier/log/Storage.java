package dev.espalier.log;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one place through which a store reaches the operating system.
 *
 * <p>All methods throw {@link StorageException}, or {@link StorageFullException} when there is no room. <b>Threading:
 * </b> any thread.
 */
interface Storage {

    /** Opens a file for reading, writing and mapping; {@code create} makes it if it is not there. */
    StorageFile open(Path path, boolean create);

    /** All bytes of a file, of which it may have at most {@code max}; null when there is no such file. */
    byte @Nullable [] read(Path path, int max);

    /**
     * Replaces a file as a whole, or makes it: written aside, forced, renamed, folder forced. After a crash the old or
     * the new content is there. Readable by its owner only when {@code secret}.
     */
    void replace(Path path, byte[] content, boolean secret);

    boolean exists(Path path);

    /** Deletes a file if it is there. */
    void delete(Path path);

    /** Makes a folder with its parents, and forces the folders that got a new entry. */
    void createFolders(Path folder);

    /** Names of the entries of a folder, in no order; empty when it does not exist. */
    List<String> list(Path folder);

    /** Forces the entries of a folder to the device, where the system can do that. */
    void forceFolder(Path folder);
}

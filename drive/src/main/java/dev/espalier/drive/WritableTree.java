package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A tree to which files and links can be written: a drive, a batch, a folder on disk. */
public interface WritableTree extends FileTree {

    /** Puts a plain file. */
    default WritableTree put(String path, byte[] bytes) {
        return put(path, ByteBuffer.wrap(bytes), PutOptions.NONE);
    }

    /** Puts a file with the remaining bytes of {@code bytes}, whose position stays. Replaces what was there. */
    WritableTree put(String path, ByteBuffer bytes, PutOptions options);

    /** Puts a file with all that {@code source} gives; nothing becomes visible when reading fails. Does not close it. */
    default WritableTree put(String path, InputStream source, PutOptions options) {
        EntryOutput out = newOutputStream(path, options);
        try {
            out.writeAll(source, bytes -> {});
        } catch (IOException e) {
            out.abort();
            throw Failures.io("What was to become " + path + " cannot be read: " + e.getMessage() + ".", e);
        } catch (RuntimeException | Error e) {
            out.abort();
            throw e;
        }
        out.close();
        return this;
    }

    /** Opens a plain file for writing; see {@link EntryOutput} for what happens on failure. */
    default EntryOutput newOutputStream(String path) {
        return newOutputStream(path, PutOptions.NONE);
    }

    /** Opens a file for writing. It becomes visible when the stream is closed. */
    EntryOutput newOutputStream(String path, PutOptions options);

    /** Puts a symbolic link with this text, taken as given. */
    WritableTree symlink(String path, String linkname);

    /** Removes the file or link at {@code path}; nothing happens when there is none. */
    WritableTree delete(String path);
}

package dev.espalier.release;

import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads a file of a folder or drive that is taken into memory as a whole. Stateless. */
final class SmallFile {

    /** Larger ones are not what they seem. */
    static final long MAX_BYTES = 16 << 20;

    private SmallFile() {}

    /** The text of the file at {@code path}, UTF-8; null when there is no file, or one of more than 16 MiB. */
    static @Nullable String text(FileTree files, String path) throws IOException {
        Entry entry = files.entry(path);
        if (entry == null || entry.isLink() || files.size(entry) > MAX_BYTES) {
            return null;
        }
        try (InputStream in = files.newInputStream(entry, 0, MAX_BYTES)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

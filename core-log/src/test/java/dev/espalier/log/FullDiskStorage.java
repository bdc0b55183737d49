package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Storage on a disk with so many pages: a write to a page that has none takes one, and writes what still fits before it
 * fails. Growing a file takes nothing, since what is new is a hole.
 */
final class FullDiskStorage extends ForwardingStorage {

    private static final int PAGE = 4096;

    private final Map<Path, BitSet> taken = new HashMap<>();
    private int free;

    FullDiskStorage(Storage real, int pages) {
        super(real);
        this.free = pages;
    }

    /** Makes room. */
    void add(int pages) {
        free += pages;
    }

    int free() {
        return free;
    }

    private static StorageException full(Path path) {
        return StorageErrors.of("write", path, new IOException("No space left on device"));
    }

    /** Takes the pages of some bytes; how many of the bytes have one. */
    private int take(Path path, long position, int length) {
        BitSet pages = taken.computeIfAbsent(path, key -> new BitSet());
        for (long at = position; at < position + length; at = at - at % PAGE + PAGE) {
            int page = (int) (at / PAGE);
            if (!pages.get(page)) {
                if (free == 0) {
                    return (int) (at - position);
                }
                free--;
                pages.set(page);
            }
        }
        return length;
    }

    private void release(Path path) {
        BitSet pages = taken.remove(path);
        free += pages == null ? 0 : pages.cardinality();
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        Path aside = path.resolveSibling(path.getFileName() + ".new");
        release(aside);
        if (take(aside, 0, content.length) < content.length) {
            throw full(path);
        }
        release(path);
        taken.put(path, taken.remove(aside));
        super.replace(path, content, secret);
    }

    @Override
    public void delete(Path path) {
        super.delete(path);
        release(path);
    }

    @Override
    StorageFile file(StorageFile opened) {
        return new ForwardingFile(opened) {
            @Override
            public void write(long position, ByteBuffer source) {
                int length = source.remaining();
                int fits = take(path(), position, length);
                source.limit(source.position() + fits);
                super.write(position, source);
                if (fits < length) {
                    throw full(path());
                }
            }

            @Override
            public boolean giveBack(long position, long length) {
                BitSet pages = taken.getOrDefault(path(), new BitSet());
                int before = pages.cardinality();
                pages.clear((int) (position / PAGE), (int) ((position + length) / PAGE));
                free += before - pages.cardinality();
                return super.giveBack(position, length);
            }
        };
    }
}

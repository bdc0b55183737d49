package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** Never forced files that count, per kind, what is read of them. */
final class CountingStorage extends ForwardingStorage {

    private final Map<FileKind, Long> mapped = new EnumMap<>(FileKind.class);
    private final Map<FileKind, Long> read = new EnumMap<>(FileKind.class);

    CountingStorage() {
        super(new HastyStorage());
    }

    /** Reads of mapped memory since the last call of {@link #reset}: one per number or hash. */
    long mapped(FileKind kind) {
        return mapped.getOrDefault(kind, 0L);
    }

    /** The same of all kinds together. */
    long mapped() {
        return mapped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Bytes read by the channel since then, of all kinds. */
    long readBytes() {
        return read.values().stream().mapToLong(Long::longValue).sum();
    }

    void reset() {
        mapped.clear();
        read.clear();
    }

    private static FileKind kind(Path path) {
        for (FileKind kind : FileKind.values()) {
            if (path.endsWith(kind.fileName())) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no file of a log: " + path);
    }

    @Override
    StorageFile file(StorageFile opened) {
        FileKind kind = kind(opened.path());
        return new ForwardingFile(opened) {
            @Override
            public int read(long position, ByteBuffer target) {
                int count = super.read(position, target);
                read.merge(kind, (long) count, Long::sum);
                return count;
            }

            @Override
            public Mapping map(long position, int size) {
                return new CountingMapping(super.map(position, size), kind);
            }
        };
    }

    private final class CountingMapping implements Mapping {

        private final Mapping real;
        private final FileKind kind;

        CountingMapping(Mapping real, FileKind kind) {
            this.real = real;
            this.kind = kind;
        }

        private void count() {
            mapped.merge(kind, 1L, Long::sum);
        }

        @Override
        public int size() {
            return real.size();
        }

        @Override
        public long getLong(int offset) {
            count();
            return real.getLong(offset);
        }

        @Override
        public long getLongAcquire(int offset) {
            count();
            return real.getLongAcquire(offset);
        }

        @Override
        public void get(int offset, byte[] target, int targetOffset, int length) {
            count();
            real.get(offset, target, targetOffset, length);
        }
    }
}

package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Another storage with some of its doings changed. */
abstract class ForwardingStorage implements Storage {

    private final Storage real;

    ForwardingStorage(Storage real) {
        this.real = real;
    }

    /** What stands before an opened file. */
    abstract StorageFile file(StorageFile opened);

    @Override
    public StorageFile open(Path path, boolean create) {
        return file(real.open(path, create));
    }

    @Override
    public byte @Nullable [] read(Path path, int max) {
        return real.read(path, max);
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        real.replace(path, content, secret);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public void delete(Path path) {
        real.delete(path);
    }

    @Override
    public void createFolders(Path folder) {
        real.createFolders(folder);
    }

    @Override
    public List<String> list(Path folder) {
        return real.list(folder);
    }

    @Override
    public void forceFolder(Path folder) {
        real.forceFolder(folder);
    }

    /** Another file with some of its doings changed. */
    abstract static class ForwardingFile implements StorageFile {

        private final StorageFile real;

        ForwardingFile(StorageFile real) {
            this.real = real;
        }

        @Override
        public Path path() {
            return real.path();
        }

        @Override
        public long size() {
            return real.size();
        }

        @Override
        public void grow(long size) {
            real.grow(size);
        }

        @Override
        public int read(long position, ByteBuffer target) {
            return real.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) {
            real.write(position, source);
        }

        @Override
        public Mapping map(long position, int size) {
            return real.map(position, size);
        }

        @Override
        public ByteBuffer mapReadOnly(long position, int size) {
            return real.mapReadOnly(position, size);
        }

        @Override
        public boolean canGiveBack() {
            return real.canGiveBack();
        }

        @Override
        public boolean giveBack(long position, long length) {
            return real.giveBack(position, length);
        }

        @Override
        public void idle(boolean now) {
            real.idle(now);
        }

        @Override
        public void force(boolean metadata) {
            real.force(metadata);
        }

        @Override
        public void close() {
            real.close();
        }
    }
}

package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Real files that say they give room back, and write down when. */
final class GivingStorage implements Storage {

    private final Storage real = new FileStorage(MappingMode.PLAIN);
    private final List<String> order;

    GivingStorage(List<String> order) {
        this.order = order;
    }

    @Override
    public StorageFile open(Path path, boolean create) {
        return new GivingFile(real.open(path, create));
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

    private final class GivingFile implements StorageFile {

        private final StorageFile file;

        GivingFile(StorageFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void grow(long size) {
            file.grow(size);
        }

        @Override
        public int read(long position, ByteBuffer target) {
            return file.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) {
            file.write(position, source);
        }

        @Override
        public Mapping map(long position, int size) {
            return file.map(position, size);
        }

        @Override
        public ByteBuffer mapReadOnly(long position, int size) {
            return file.mapReadOnly(position, size);
        }

        @Override
        public boolean canGiveBack() {
            return true;
        }

        @Override
        public boolean giveBack(long position, long length) {
            order.add("give back " + path().getFileName() + " " + length + " of " + position);
            file.write(position, ByteBuffer.allocate((int) length)); // What a hole reads as.
            return true;
        }

        @Override
        public void force(boolean metadata) {
            order.add("force " + path().getFileName());
            file.force(metadata);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}

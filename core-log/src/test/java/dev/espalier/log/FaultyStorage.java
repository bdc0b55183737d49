package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Real files whose n-th change fails: by the death of the process (that change may be half done, and nothing is changed
 * any more), or by an error of the operating system, once.
 */
final class FaultyStorage implements Storage {

    /** What happens at the change that fails. */
    enum Fault {
        /** The process ends before the change. */
        KILL,
        /** The process ends in the middle of the change. */
        KILL_HALFWAY,
        /** The disk is full. */
        FULL,
        /** The device fails. */
        ERROR
    }

    /** Thrown where the process would be dead. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Storage real = new FileStorage(MappingMode.PLAIN);
    private final List<String> journal = new ArrayList<>();
    private final Fault fault;
    private final long failAt;
    private long changes;
    private boolean dead;

    /** Fails at change number {@code failAt}, counted from 1. */
    FaultyStorage(Fault fault, long failAt) {
        this.fault = fault;
        this.failAt = failAt;
    }

    /** Changes so far. */
    long changes() {
        return changes;
    }

    /** What was done since the last call: {@code change <file>} or {@code force <file>}, repetitions left out. */
    List<String> journal() {
        List<String> copy = List.copyOf(journal);
        journal.clear();
        return copy;
    }

    private void note(String what, Path path) {
        String line = what + " " + path.getFileName();
        if (journal.isEmpty() || !journal.get(journal.size() - 1).equals(line)) {
            journal.add(line);
        }
    }

    /** A change, and its first half. */
    private void change(Path path, Runnable all, Runnable half) {
        note("change", path);
        step(path, all, half);
    }

    private void step(Path path, Runnable all, Runnable half) {
        if (dead) {
            throw new Killed();
        }
        if (++changes != failAt) {
            all.run();
            return;
        }
        switch (fault) {
            case KILL, KILL_HALFWAY -> {
                dead = true;
                if (fault == Fault.KILL_HALFWAY) {
                    half.run();
                }
                throw new Killed();
            }
            case FULL -> throw StorageErrors.of("write", path, new IOException("No space left on device"));
            case ERROR -> throw StorageErrors.of("write", path, new IOException("Input/output error"));
        }
    }

    private static void nothing() {}

    @Override
    public StorageFile open(Path path, boolean create) {
        if (create) {
            change(path, FaultyStorage::nothing, FaultyStorage::nothing);
        }
        return new FaultyFile(real.open(path, create));
    }

    @Override
    public byte @Nullable [] read(Path path, int max) {
        return real.read(path, max);
    }

    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        change(path, () -> real.replace(path, content, secret), FaultyStorage::nothing);
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public void delete(Path path) {
        change(path, () -> real.delete(path), FaultyStorage::nothing);
    }

    @Override
    public void createFolders(Path folder) {
        change(folder, () -> real.createFolders(folder), FaultyStorage::nothing);
    }

    @Override
    public List<String> list(Path folder) {
        return real.list(folder);
    }

    @Override
    public void forceFolder(Path folder) {
        change(folder, () -> real.forceFolder(folder), FaultyStorage::nothing);
    }

    private final class FaultyFile implements StorageFile {

        private final StorageFile file;

        FaultyFile(StorageFile file) {
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
            change(path(), () -> file.grow(size), FaultyStorage::nothing);
        }

        @Override
        public int read(long position, ByteBuffer target) {
            return file.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) {
            change(path(), () -> file.write(position, source), () -> {
                source.limit(source.position() + source.remaining() / 2);
                file.write(position, source);
            });
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
        public void force(boolean metadata) {
            note(metadata ? "force all of" : "force", path());
            step(path(), () -> file.force(metadata), FaultyStorage::nothing);
        }

        @Override
        public void close() {
            file.close();
        }
    }
}

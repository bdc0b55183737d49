package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Storage whose n-th change fails: by the death of the process (that change may be half done, and nothing is changed any
 * more), or by an error of the operating system, once. Changes are making a file, writing, growing, forcing, renaming,
 * deleting, making and forcing a folder.
 */
final class FaultyStorage extends ForwardingStorage {

    /** What happens at the change that fails. */
    enum Fault {
        /** The process ends before the change. */
        KILL,
        /** The process ends in the middle of the change. */
        KILL_HALFWAY,
        /** The disk is full before the change. */
        FULL,
        /** The disk is full in the middle of the change: a short write. */
        FULL_HALFWAY,
        /** The device fails. */
        ERROR;

        /** Whether the process lives on. */
        boolean isError() {
            return this != KILL && this != KILL_HALFWAY;
        }
    }

    /** Thrown where the process would be dead. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final List<String> journal = new ArrayList<>();
    private final Fault fault;
    private final long failAt;
    private long changes;
    private boolean dead;

    /** Real files that fail at change number {@code failAt}, counted from 1. */
    FaultyStorage(Fault fault, long failAt) {
        this(fault, failAt, new FileStorage(MappingMode.PLAIN));
    }

    /** The same with what {@code real} stores. */
    FaultyStorage(Fault fault, long failAt, Storage real) {
        super(real);
        this.fault = fault;
        this.failAt = failAt;
    }

    /** Changes so far. */
    long changes() {
        return changes;
    }

    /** Whether the change that fails has come. */
    boolean failed() {
        return changes >= failAt;
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
        if (fault == Fault.KILL_HALFWAY || fault == Fault.FULL_HALFWAY) {
            half.run();
        }
        switch (fault) {
            case KILL, KILL_HALFWAY -> {
                dead = true;
                throw new Killed();
            }
            case FULL, FULL_HALFWAY ->
                throw StorageErrors.of("write", path, new IOException("No space left on device"));
            case ERROR -> throw StorageErrors.of("write", path, new IOException("Input/output error"));
        }
    }

    private static void nothing() {}

    @Override
    public StorageFile open(Path path, boolean create) {
        if (create) {
            change(path, FaultyStorage::nothing, FaultyStorage::nothing);
        }
        return super.open(path, create);
    }

    /** The steps of replacing a file: written aside, forced, renamed, folder forced. */
    @Override
    public void replace(Path path, byte[] content, boolean secret) {
        Path aside = path.resolveSibling(path.getFileName() + ".new");
        byte[] half = new byte[content.length / 2];
        System.arraycopy(content, 0, half, 0, half.length);
        change(path, FaultyStorage::nothing, () -> super.replace(aside, half, secret));
        step(path, FaultyStorage::nothing, () -> super.replace(aside, content, secret));
        step(path, () -> super.replace(path, content, secret), FaultyStorage::nothing);
        step(path, FaultyStorage::nothing, FaultyStorage::nothing);
    }

    @Override
    public void delete(Path path) {
        change(path, () -> super.delete(path), FaultyStorage::nothing);
    }

    @Override
    public void createFolders(Path folder) {
        change(folder, () -> super.createFolders(folder), FaultyStorage::nothing);
    }

    @Override
    public void forceFolder(Path folder) {
        change(folder, () -> super.forceFolder(folder), FaultyStorage::nothing);
    }

    @Override
    StorageFile file(StorageFile opened) {
        return new FaultyFile(opened);
    }

    private final class FaultyFile extends ForwardingFile {

        FaultyFile(StorageFile file) {
            super(file);
        }

        @Override
        public void grow(long size) {
            change(path(), () -> super.grow(size), FaultyStorage::nothing);
        }

        @Override
        public void write(long position, ByteBuffer source) {
            change(path(), () -> super.write(position, source), () -> {
                source.limit(source.position() + source.remaining() / 2);
                super.write(position, source);
            });
        }

        @Override
        public boolean giveBack(long position, long length) {
            boolean[] given = new boolean[1];
            change(path(), () -> given[0] = super.giveBack(position, length), FaultyStorage::nothing);
            return given[0];
        }

        @Override
        public void force(boolean metadata) {
            note(metadata ? "force all of" : "force", path());
            step(path(), () -> super.force(metadata), FaultyStorage::nothing);
        }
    }
}

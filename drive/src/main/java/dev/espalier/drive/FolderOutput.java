package dev.espalier.drive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes a file beside its place, under a name that listings leave out. */
final class FolderOutput extends EntryOutput {

    private static final String PREFIX = ".espalier-";
    private static final String SUFFIX = ".tmp";
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final LocalFolder folder;
    private final String path;
    private final Path temporary;
    private final FileChannel channel;
    private @Nullable ByteBuffer buffer;
    private boolean closed;

    FolderOutput(LocalFolder folder, String path, Path parent, boolean executable) {
        this.folder = folder;
        this.path = path;
        try {
            Path file = temporary(parent);
            FileChannel opened = null;
            while (opened == null) {
                try {
                    opened = FileChannel.open(file, NEW, mode(parent, executable));
                } catch (FileAlreadyExistsException e) {
                    file = temporary(parent);
                }
            }
            this.temporary = file;
            this.channel = opened;
        } catch (IOException e) {
            throw Failures.io(path + " cannot be written in " + parent + ": " + LocalFolder.reason(e) + ".", e);
        }
    }

    private static FileAttribute<?>[] mode(Path parent, boolean executable) {
        return LocalFolder.isPosix(parent)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"))
                }
                : new FileAttribute<?>[0];
    }

    /** A fresh name in a folder: process and number keep two writers apart. */
    static Path temporary(Path parent) {
        return parent.resolve(PREFIX + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + SUFFIX);
    }

    static boolean isTemporary(String name) {
        return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
    }

    /** Whether the process that made a temporary file is no more. */
    static boolean isAbandoned(String name) {
        try {
            String pid = name.substring(PREFIX.length(), name.indexOf('-', PREFIX.length()));
            return ProcessHandle.of(Long.parseLong(pid)).isEmpty();
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            return false;
        }
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        checkOpen();
        ByteBuffer pending = buffer;
        if (pending == null) {
            if (length >= BlobId.BLOCK_SIZE) {
                writeFully(ByteBuffer.wrap(bytes, offset, length));
                return;
            }
            pending = ByteBuffer.allocate(BlobId.BLOCK_SIZE);
            buffer = pending;
        }
        if (pending.remaining() < length) {
            writePending();
        }
        if (pending.remaining() < length) {
            writeFully(ByteBuffer.wrap(bytes, offset, length));
        } else {
            pending.put(bytes, offset, length);
        }
    }

    @Override
    public void writeBlock(ByteBuffer bytes) {
        checkOpen();
        writePending();
        writeFully(bytes.duplicate());
    }

    private void writePending() {
        ByteBuffer pending = buffer;
        if (pending != null) {
            writeFully(pending.flip());
            pending.clear();
        }
    }

    private void writeFully(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            abort();
            throw Failures.io(path + " cannot be written: " + LocalFolder.reason(e) + ".", e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
    }

    @Override
    public void abort() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw Failures.io("A temporary file of " + path + " cannot be removed: " + LocalFolder.reason(e) + ".", e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        writePending();
        try {
            if (folder.forcesEachFile()) {
                channel.force(false);
            }
            channel.close();
        } catch (IOException e) {
            abort();
            throw Failures.io(path + " cannot be written: " + LocalFolder.reason(e) + ".", e);
        }
        closed = true;
        folder.finish(path, temporary);
    }
}

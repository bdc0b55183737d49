package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file of the operating system.
 *
 * <p>Design note: interrupting a thread inside a channel operation closes the channel for everybody. A log must not
 * die of that, so the channel is opened again and the operation repeated, which is harmless since all operations name
 * their position; the thread's interrupt status is kept. An {@linkplain #idle idle} file is a closed channel, too: the
 * first use after that opens it again.
 */
final class ChannelFile implements StorageFile {

    private static final Set<StandardOpenOption> EXISTING = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);

    private final Path path;
    private final MappingMode mode;
    private volatile FileChannel channel;
    private volatile boolean idle;
    private volatile boolean closed;

    private ChannelFile(Path path, FileChannel channel, MappingMode mode) {
        this.path = path;
        this.channel = channel;
        this.mode = mode;
    }

    static ChannelFile open(Path path, boolean create, MappingMode mode) throws IOException {
        return new ChannelFile(path, FileChannel.open(path, create ? CREATE : EXISTING), mode);
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long size() {
        return run("read the size of", FileChannel::size);
    }

    @Override
    public void grow(long size) {
        run("grow", open -> {
            // Mapping grows a file by a system call that leaves a hole; writing a last byte would take a page.
            if (size > open.size()) {
                open.map(FileChannel.MapMode.READ_WRITE, size - 1, 1);
            }
            return size;
        });
    }

    @Override
    public int read(long position, ByteBuffer target) {
        int start = target.position();
        return run("read", open -> {
            target.position(start);
            int done = 0;
            while (target.hasRemaining()) {
                int count = open.read(target, position + done);
                if (count < 0) {
                    break;
                }
                done += count;
            }
            return done;
        });
    }

    @Override
    public void write(long position, ByteBuffer source) {
        int start = source.position();
        run("write", open -> {
            source.position(start);
            while (source.hasRemaining()) {
                open.write(source, position + source.position() - start);
            }
            return position;
        });
    }

    @Override
    public Mapping map(long position, int size) {
        return run("map", open -> {
            checkExists(open, position, size);
            return mode.map(open, position, size);
        });
    }

    @Override
    public ByteBuffer mapReadOnly(long position, int size) {
        return run("map", open -> {
            checkExists(open, position, size);
            return open.map(FileChannel.MapMode.READ_ONLY, position, size).order(ByteOrder.LITTLE_ENDIAN);
        });
    }

    /** Mapping beyond the end would grow the file behind the writer's back, and may cut it where both race. */
    private static void checkExists(FileChannel open, long position, int size) throws IOException {
        long end = position + size;
        if (end > open.size()) {
            throw new IOException("it ends at byte " + open.size() + ", wanted are bytes up to " + end);
        }
    }

    @Override
    public boolean canGiveBack() {
        return HolePunch.instance() != null;
    }

    @Override
    public boolean giveBack(long position, long length) {
        HolePunch punch = HolePunch.instance();
        return punch != null && punch.punch(path, position, length);
    }

    @Override
    public synchronized void idle(boolean now) {
        idle = now;
        if (now) {
            closeChannel();
        }
    }

    @Override
    public void force(boolean metadata) {
        run("force", open -> {
            open.force(metadata);
            return metadata;
        });
    }

    @Override
    public void close() {
        closed = true;
        closeChannel();
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            throw StorageErrors.of("close", path, e);
        }
    }

    /** Something done to the open channel. */
    private interface Operation<T> {
        T run(FileChannel open) throws IOException;
    }

    private <T> T run(String verb, Operation<T> operation) {
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel open = channel;
                try {
                    return idle && !closed ? runIdle(operation) : operation.run(open);
                } catch (ClosedChannelException e) {
                    if (closed) {
                        throw e;
                    }
                    interrupted |= Thread.interrupted();
                    reopen(open);
                }
            }
        } catch (ClosedChannelException e) {
            throw new IllegalStateException("closed: " + path, e);
        } catch (IOException e) {
            throw StorageErrors.of(verb, path, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** On a channel of its own: an idle file stays closed. */
    private <T> T runIdle(Operation<T> operation) throws IOException {
        try (FileChannel own = FileChannel.open(path, EXISTING)) {
            return operation.run(own);
        }
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (channel == broken && !closed && !idle) {
            channel = FileChannel.open(path, EXISTING);
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a log in order. Those that are not held are fetched. One that is not live reads a snapshot, so its end is fixed
 * when it is opened; a live one follows the log and waits for what is appended, until it is closed.
 *
 * <p><b>Threading:</b> one thread iterates; any thread may close, which ends a wait for the log to grow.
 */
public final class BlockStream implements Iterator<byte[]>, AutoCloseable {

    private final Log log;
    private final @Nullable LogSnapshot snapshot;
    private final long end;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final @Nullable AutoCloseable listening;
    private long next;
    private volatile boolean closed;

    /** Takes over the handle. */
    BlockStream(Log log, long start, long end, boolean live) {
        this.log = log;
        this.next = start;
        this.snapshot = live ? null : log.snapshot();
        this.end = snapshot == null ? end : Math.min(end, snapshot.length());
        this.listening = live ? log.listen(new Waker()) : null;
    }

    private final class Waker implements LogListener {
        @Override
        public void headChanged(Log changedLog) {
            wake();
        }

        @Override
        public void closed(Log closedLog) {
            wake();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is another block; a live stream waits until that is known. */
    @Override
    public boolean hasNext() {
        if (closed || next >= end) {
            return false;
        }
        return snapshot != null || grown();
    }

    private boolean grown() {
        lock.lock();
        try {
            while (!closed && next >= log.length()) {
                changed.await();
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EspalierException("ERR_INTERRUPTED", "The thread was interrupted while it waited.", e);
        } catch (IllegalStateException e) {
            return false; // The store was closed.
        } finally {
            lock.unlock();
        }
    }

    /** The next block. Failures are those of {@link LogSnapshot#get(long)} or {@link Log#get(long)}. */
    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        byte[] block = snapshot != null ? snapshot.get(next) : log.get(next);
        next++;
        return block;
    }

    /** Number of the block that {@link #next} gives. */
    public long position() {
        return next;
    }

    /** The blocks from here on as a sequential stream; closing it closes this. */
    public Stream<byte[]> stream() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(this::close);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wake();
        try {
            if (listening != null) {
                listening.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            if (snapshot != null) {
                snapshot.close();
            }
            log.close();
        }
    }
}

package dev.espalier.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one log that several threads want at the same time. Whoever gets the write lock does all that wait, as one
 * append: one signature and one forcing for all of them. Nothing waits for company: a lone thread finds itself alone.
 *
 * <p><b>Threading:</b> any thread.
 */
final class AppendQueue {

    /** Most bytes of blocks that are taken at once, unless one append alone has more. */
    private static final long MOST_BYTES = 64 << 20;

    /** What one thread wants to append; done by whichever thread takes it from the queue. */
    static final class Request {

        private final BlockCodec codec;
        private final List<ByteBuffer> blocks;
        private final Durability durability;
        private final long bytes;
        private boolean done;
        private long length;
        private @Nullable RuntimeException failure;

        Request(BlockCodec codec, List<ByteBuffer> blocks, Durability durability) {
            this.codec = codec;
            this.blocks = blocks;
            this.durability = durability;
            this.bytes = blocks.stream().mapToLong(ByteBuffer::remaining).sum();
        }

        /** The blocks as they are stored from {@code first} on. */
        List<ByteBuffer> encoded(long first, long fork) {
            return codec.encode(first, fork, blocks);
        }

        Durability durability() {
            return durability;
        }

        int count() {
            return blocks.size();
        }

        /** The log is this long with these blocks. */
        void done(long newLength) {
            length = newLength;
            done = true;
        }

        /** These blocks cannot be appended, whatever becomes of the others. */
        void failed(RuntimeException why) {
            failure = why;
            done = true;
        }

        boolean isDone() {
            return done;
        }
    }

    /** Appends all of these that did not fail on their own, and says so to each, or throws and appends none. */
    interface Appender {
        void append(List<Request> requests);
    }

    private final ArrayDeque<Request> waiting = new ArrayDeque<>();

    /**
     * Appends {@code request}, alone or among others.
     *
     * @param writing the log's write lock
     * @return the length of the log with these blocks
     */
    long append(Request request, ReentrantLock writing, Appender appender) {
        synchronized (waiting) {
            waiting.add(request);
        }
        writing.lock();
        try {
            // Others may have been ahead with more than one append takes.
            while (!request.done) {
                run(take(), appender);
            }
        } finally {
            writing.unlock();
        }
        RuntimeException failure = request.failure;
        if (failure != null) {
            throw failure;
        }
        return request.length;
    }

    private List<Request> take() {
        List<Request> taken = new ArrayList<>();
        synchronized (waiting) {
            long bytes = 0;
            while (!waiting.isEmpty() && (taken.isEmpty() || bytes + waiting.peek().bytes <= MOST_BYTES)) {
                Request next = waiting.remove();
                bytes += next.bytes;
                taken.add(next);
            }
        }
        return taken;
    }

    private static void run(List<Request> taken, Appender appender) {
        try {
            appender.append(taken);
        } catch (RuntimeException e) {
            taken.stream().filter(one -> !one.done).forEach(one -> one.failed(e));
        } finally {
            // After an Error, too, nobody may wait for ever.
            taken.stream()
                    .filter(one -> !one.done)
                    .forEach(one -> one.failed(
                            new IllegalStateException("an append that was to be made with this one failed")));
        }
    }
}

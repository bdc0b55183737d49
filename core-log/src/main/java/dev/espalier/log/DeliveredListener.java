package dev.espalier.log;

import dev.espalier.merkle.Conflict;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what a listener hears to an executor: in order, one call at a time. What the executor refuses is dropped.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DeliveredListener implements LogListener {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveredListener.class);

    private final LogListener listener;
    private final Executor executor;
    private final ArrayDeque<Runnable> events = new ArrayDeque<>();
    private boolean running;

    DeliveredListener(LogListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    private void add(Runnable event) {
        synchronized (events) {
            events.add(event);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            executor.execute(this::deliver);
        } catch (RejectedExecutionException e) {
            LOG.debug("An executor takes no more events of a log; they are dropped", e);
            synchronized (events) {
                events.clear();
                running = false;
            }
        }
    }

    private void deliver() {
        while (true) {
            Runnable event;
            synchronized (events) {
                event = events.poll();
                if (event == null) {
                    running = false;
                    return;
                }
            }
            try {
                event.run();
            } catch (RuntimeException e) {
                LOG.warn("A listener failed", e);
            }
        }
    }

    @Override
    public void headChanged(Log log) {
        add(() -> listener.headChanged(log));
    }

    @Override
    public void blocksStored(Log log, long start, long count) {
        add(() -> listener.blocksStored(log, start, count));
    }

    @Override
    public void truncated(Log log, long length, long fork) {
        add(() -> listener.truncated(log, length, fork));
    }

    @Override
    public void blocksCleared(Log log, long start, long count) {
        add(() -> listener.blocksCleared(log, start, count));
    }

    @Override
    public void conflict(Log log, Conflict conflict) {
        add(() -> listener.conflict(log, conflict));
    }

    @Override
    public void blockSent(Log log, long index, int bytes) {
        add(() -> listener.blockSent(log, index, bytes));
    }

    @Override
    public void unused(Log log) {
        add(() -> listener.unused(log));
    }

    @Override
    public void closed(Log log) {
        add(() -> listener.closed(log));
    }
}

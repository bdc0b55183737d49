package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that tells what it does and ends with a result.
 *
 * <pre>{@code
 * try (Operation<StageResult> stage = releases.stage(link, StageOptions.of(folder))) {
 *     stage.onEvent(event -> System.out.println(event));
 *     StageResult done = stage.join();
 * }
 * }</pre>
 *
 * <p>Nothing happens before {@link #join}, which does the work on the calling thread; listeners are called on that thread
 * and no other, between two steps of the work. Run {@code join} on a thread of your own (a virtual one, say) to be told
 * elsewhere.
 *
 * <p><b>Threading:</b> {@code cancel} and {@code close} may be called from any thread; everything else belongs to the
 * thread that joins.
 *
 * @param <R> what it ends with
 */
public final class Operation<R> implements AutoCloseable {

    /** The work of an operation. */
    @FunctionalInterface
    public interface Task<R> {
        /** Does the work, asking {@code steps} now and then whether to stop. */
        R run(Steps steps) throws IOException;
    }

    private enum State {
        READY,
        RUNNING,
        ENDED
    }

    private final Task<R> task;
    private final List<Consumer<? super Event>> listeners = new ArrayList<>();
    private final List<Consumer<? super Progress>> watchers = new ArrayList<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.READY);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Thread joiner;
    private final Steps steps = new Steps(this::tell, this::show);

    /** The operation that does {@code task}. */
    public static <R> Operation<R> of(Task<R> task) {
        return new Operation<>(task);
    }

    private Operation(Task<R> task) {
        this.task = task;
    }

    /** Adds somebody to be told of each event. Before {@link #join}. */
    public Operation<R> onEvent(Consumer<? super Event> listener) {
        listeners.add(listener);
        return this;
    }

    /** Adds somebody to be told how far the work is, some ten times a second. Before {@link #join}. */
    public Operation<R> onProgress(Consumer<? super Progress> watcher) {
        watchers.add(watcher);
        return this;
    }

    /**
     * Does the work and returns its result. Once only.
     *
     * @throws EspalierException when it failed; {@code ERR_INTERRUPTED} when it was cancelled
     * @throws IllegalStateException on a second call
     */
    public R join() {
        if (!state.compareAndSet(State.READY, State.RUNNING)) {
            throw new IllegalStateException("an operation runs once");
        }
        joiner = Thread.currentThread();
        try {
            steps.checkCancelled();
            R result = task.run(steps);
            steps.drain();
            return result;
        } catch (IOException e) {
            throw Failures.of(e);
        } finally {
            state.set(State.ENDED);
            ended.countDown();
        }
    }

    /** Asks the work to end at its next safe point; {@link #join} then throws {@code ERR_INTERRUPTED}. Never blocks. */
    public void cancel() {
        steps.cancel();
    }

    /**
     * Cancels the work if it still runs, and waits until it ended. Does nothing else: what the operation opened it closes
     * itself.
     */
    @Override
    public void close() {
        steps.cancel();
        if (state.get() == State.RUNNING && joiner != Thread.currentThread()) {
            boolean interrupted = false;
            while (ended.getCount() > 0) {
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tell(Event event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    private void show(Progress progress) {
        watchers.forEach(watcher -> watcher.accept(progress));
    }
}

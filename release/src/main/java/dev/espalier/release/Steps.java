package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the work of an {@link Operation} is given: somebody to tell, a mailbox, and the wish to stop.
 *
 * <p>Design note: a thread is never interrupted to stop it, because an interrupt closes the file channel it happens to
 * use, and with it the store. Work asks {@link #checkCancelled} between steps and waits through {@link #await}.
 *
 * <p><b>Threading:</b> {@code execute} and {@code cancel} may be called from any thread, everything else from the thread
 * that does the work.
 */
public final class Steps {

    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Runnable WAKE = () -> {};

    private final Consumer<Event> listener;
    private final Consumer<Progress> watcher;
    private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
    private volatile boolean cancelled;
    private boolean reading;
    private long nextProgress = System.nanoTime();

    Steps(Consumer<Event> listener, Consumer<Progress> watcher) {
        this.listener = listener;
        this.watcher = watcher;
    }

    /** Tells an event, after all that was mailed before it. */
    public void emit(Event event) {
        drain();
        listener.accept(event);
    }

    /** Tells how far the work is, if it is time to tell again. */
    public void progress(String label, long done, long total, boolean bytes) {
        long now = System.nanoTime();
        if (now - nextProgress >= 0 || done == total) {
            nextProgress = now + PROGRESS_NANOS;
            watcher.accept(new Progress(label, done, total, bytes));
        }
    }

    /** Lets the working thread run {@code mail} when it next looks; from any thread. */
    public void execute(Runnable mail) {
        mailbox.add(mail);
    }

    /** Runs all mail that has come; nothing when called by mail, which would turn the order around. */
    public void drain() {
        if (!reading) {
            read(mailbox.poll());
        }
    }

    private void read(@Nullable Runnable first) {
        reading = true;
        try {
            Runnable mail = first;
            while (mail != null) {
                mail.run();
                mail = mailbox.poll();
            }
        } finally {
            reading = false;
        }
    }

    /** Ends the work with {@code ERR_INTERRUPTED} when it was asked to stop. */
    public void checkCancelled() {
        if (cancelled) {
            throw new EspalierException("ERR_INTERRUPTED", "Interrupted before it was done.");
        }
    }

    /** Whether the work was asked to stop. */
    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * Waits for {@code future} while reading mail. It is cancelled when the work is, or when {@code giveUp}, asked some
     * ten times a second, says so.
     *
     * @return whether it completed in time
     */
    public boolean await(CompletableFuture<?> future, BooleanSupplier giveUp) {
        future.whenComplete((value, failure) -> mailbox.add(WAKE));
        while (!future.isDone()) {
            if (cancelled || giveUp.getAsBoolean()) {
                future.cancel(false);
                checkCancelled();
                return false;
            }
            pause(Duration.ofMillis(100));
        }
        drain();
        try {
            future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EspalierException failure) {
                throw failure;
            }
            throw e;
        }
        return true;
    }

    /** Reads mail for at most this long; returns earlier when something came. */
    public void pause(Duration atMost) {
        try {
            read(mailbox.poll(atMost.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            cancelled = true;
            Thread.currentThread().interrupt();
        }
    }

    void cancel() {
        cancelled = true;
        mailbox.add(WAKE);
    }
}

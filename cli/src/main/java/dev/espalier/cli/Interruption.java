package dev.espalier.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The wish of a person, or of the system, that the command should end now.
 *
 * <p><b>Threading:</b> safe.
 */
final class Interruption {

    /** Exit status after Ctrl-C. */
    static final int STATUS = 130;

    private final List<Runnable> hooks = new ArrayList<>();
    private boolean wished;

    /** Says so; runs all hooks, once. */
    void wish() {
        List<Runnable> now;
        synchronized (this) {
            if (wished) {
                return;
            }
            wished = true;
            now = List.copyOf(hooks);
        }
        now.forEach(Runnable::run);
    }

    synchronized boolean isWished() {
        return wished;
    }

    /** Runs {@code hook} when it is wished, at once when it was; closing the result takes it back. */
    Registration onWish(Runnable hook) {
        synchronized (this) {
            if (!wished) {
                hooks.add(hook);
                return () -> remove(hook);
            }
        }
        hook.run();
        return () -> {};
    }

    private synchronized void remove(Runnable hook) {
        hooks.remove(hook);
    }

    /** A hook that can be taken back. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}

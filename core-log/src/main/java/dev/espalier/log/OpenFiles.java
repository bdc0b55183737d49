package dev.espalier.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files opened so far, to be closed if the rest fails. */
final class OpenFiles {

    private final List<AutoCloseable> files = new ArrayList<>();

    <T extends AutoCloseable> T add(T file) {
        files.add(file);
        return file;
    }

    /** Closes all files because of {@code failure}, to which failures of closing are attached. */
    void closeAfter(Throwable failure) {
        try {
            closeAll(files);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes all; the first failure is thrown, others are attached to it. */
    static void closeAll(List<? extends AutoCloseable> all) {
        RuntimeException failure = null;
        for (AutoCloseable one : all) {
            failure = close(one, failure);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable RuntimeException close(AutoCloseable one, @Nullable RuntimeException failure) {
        try {
            one.close();
            return failure;
        } catch (Exception e) {
            RuntimeException now = e instanceof RuntimeException r ? r : new IllegalStateException(e);
            if (failure == null) {
                return now;
            }
            failure.addSuppressed(now);
            return failure;
        }
    }
}

package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Operations on single logs of a store.
 *
 * <p><b>Threading:</b> any number of operations may run at a time, each on its own thread. The store must stay open until
 * they ended.
 */
public final class Logs {

    private final LogStore store;

    private Logs(LogStore store) {
        this.store = store;
    }

    /** Operations on the logs of {@code store}, which stays the caller's. */
    public static Logs of(LogStore store) {
        return new Logs(store);
    }

    /**
     * A log that exists now.
     *
     * @param key what others open it by
     * @param discoveryKey what it is looked for by
     * @param length number of blocks
     */
    public record Created(Key key, Key discoveryKey, long length) {}

    /** A log of the store. */
    public record Listed(Key key, Key discoveryKey, long length, long byteLength, long fork, boolean writable)
            implements Event {
        @Override
        public String tag() {
            return "log";
        }
    }

    /** How many logs were listed. */
    public record Count(long count) {}

    /** Makes the log that is called so, or opens it. */
    public Operation<Created> create(LogRef ref) {
        return Operation.of(steps -> {
            try (Log log = ref.openOrCreate(store)) {
                return new Created(log.key(), log.discoveryKey(), log.length());
            }
        });
    }

    /** Appends all that {@code source} gives; does not close it. */
    public Operation<LogAppend.Result> append(LogRef log, ReadableByteChannel source, LogAppend.Options options) {
        return Operation.of(steps -> LogAppend.run(store, log, source, options, steps));
    }

    /** Appends the bytes of a file. */
    public Operation<LogAppend.Result> append(LogRef log, Path file, LogAppend.Options options) {
        return Operation.of(steps -> {
            try (FileChannel source = FileChannel.open(file)) {
                return LogAppend.run(store, log, source, options, steps);
            }
        });
    }

    /** Hands blocks in order to {@code sink}. */
    public Operation<LogRead.Result> read(LogRef log, LogRead.Options options, LogRead.Sink sink) {
        return Operation.of(steps -> LogRead.run(store, log, options, sink, steps));
    }

    /** Tells everything about a log. */
    public Operation<LogInfo> info(LogRef ref) {
        return Operation.of(steps -> {
            try (Log log = ref.open(store)) {
                return LogInfo.of(log);
            }
        });
    }

    /** Tells each log of the store, in the order of discovery keys. */
    public Operation<Count> list() {
        return Operation.of(steps -> {
            List<Key> keys = store.discoveryKeys().stream().sorted().toList();
            long count = 0;
            for (Key discoveryKey : keys) {
                steps.checkCancelled();
                Log log = store.stored(discoveryKey).orElse(null);
                if (log != null) {
                    try (log) {
                        count++;
                        steps.emit(new Listed(
                                log.key(), discoveryKey, log.length(), log.byteLength(), log.fork(), log.writable()));
                    }
                }
            }
            return new Count(count);
        });
    }

    /** Checks all that is stored of a log against its signed head. */
    public Operation<LogCheck.Result> audit(LogRef log) {
        return Operation.of(steps -> LogCheck.run(store, log, steps));
    }

    /** Downloads blocks. */
    public Operation<LogFetch.Result> fetch(Key key, LogFetch.Options options) {
        return Operation.of(steps -> LogFetch.run(store, key, options, steps));
    }

    /** Serves these logs, or all of the store, until cancelled; being cancelled is how it ends well. */
    public Operation<LogServe.Result> serve(List<LogRef> logs, NetworkOptions network) {
        return Operation.of(steps -> LogServe.run(store, List.copyOf(logs), network, steps));
    }
}

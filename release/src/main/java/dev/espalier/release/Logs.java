package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeHead;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

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

    /**
     * A log that was cut.
     *
     * @param length number of blocks it has now
     * @param fork how often it was cut
     */
    public record Truncated(long length, long fork) {}

    /**
     * Drops all blocks from {@code length} on, and signs the shorter tree with the fork number given, or the next one. Of a
     * log that cannot be written here, length 0 forgets what is held.
     */
    public Operation<Truncated> truncate(LogRef ref, long length, OptionalLong fork) {
        return Operation.of(steps -> {
            try (Log log = ref.open(store)) {
                if (fork.isPresent()) {
                    log.truncate(length, fork.getAsLong());
                } else {
                    log.truncate(length);
                }
                TreeHead head = log.head();
                return new Truncated(head.length(), head.fork());
            }
        });
    }

    /**
     * What was given up.
     *
     * @param blocks how many of the blocks were held
     * @param freedBytes bytes by which the files take less room now
     */
    public record Cleared(long blocks, long freedBytes) {}

    /** Gives up the data of blocks {@code start} to {@code end - 1}, which peers can bring again. */
    public Operation<Cleared> clear(LogRef ref, long start, long end) {
        return Operation.of(steps -> {
            if (start < 0 || end < start) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT", "Blocks are counted from 0, and the end is not before the start.");
            }
            try (Log log = ref.open(store)) {
                long held = log.presentCount(start, end);
                return new Cleared(held, log.clear(start, end));
            }
        });
    }

    /**
     * Checks all that is stored of a log against its signed head; {@code repair} mends what is bad, or makes it missing, so
     * that peers can bring it again ({@link dev.espalier.log.LogRepair}).
     */
    public Operation<LogCheck.Result> audit(LogRef log, boolean repair) {
        return Operation.of(steps -> LogCheck.run(store, log, repair, steps));
    }

    /**
     * A log that was carried to or from a file.
     *
     * @param key key of the log
     * @param length number of blocks
     * @param fork fork number
     * @param blocks how many of the blocks are in the file
     */
    public record Carried(Key key, long length, long fork, long blocks) {}

    /** Writes a log to one portable file, which is replaced. */
    public Operation<Carried> exportTo(LogRef ref, Path file) {
        return Operation.of(steps -> {
            try (Log log = ref.open(store)) {
                TreeHead head = log.head();
                return new Carried(log.key(), head.length(), head.fork(), log.exportTo(file));
            }
        });
    }

    /** Adds the log in such a file, verified. */
    public Operation<Carried> importFrom(Path file) {
        return Operation.of(steps -> {
            if (!Files.isRegularFile(file)) {
                throw new EspalierException("ERR_NOT_FOUND", "There is no file " + file + ".");
            }
            try (Log log = store.importLog(file)) {
                TreeHead head = log.head();
                return new Carried(log.key(), head.length(), head.fork(), log.presentCount());
            }
        });
    }

    /** Proves block {@code index} of the first {@code length} (null: of all) to whoever has nothing but the log's key. */
    public Operation<LogProof.Made> prove(LogRef log, long index, @Nullable Long length, LogProof.Sink sink) {
        return Operation.of(steps -> LogProof.make(store, log, index, length, sink));
    }

    /**
     * Checks a file that {@link #prove} made; needs no store.
     *
     * @param expected the log it must be about; null takes the key in the file
     * @param extract where to write the proven block; null for nowhere
     */
    public static Operation<LogProof.Verified> verify(Path file, @Nullable Key expected, @Nullable Path extract) {
        return Operation.of(steps -> LogProof.verify(file, expected, extract));
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

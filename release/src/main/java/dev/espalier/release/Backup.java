package dev.espalier.release;

import dev.espalier.log.LogStore;
import dev.espalier.log.StoreBackup;
import dev.espalier.merkle.Key;
import java.nio.file.Path;

/** Copies a store that is in use ({@link StoreBackup}). */
public final class Backup {

    private Backup() {}

    /** A log that was copied. */
    public record Copied(Key key, long length, long blocks, long bytes, boolean held) implements Event {
        @Override
        public String tag() {
            return "log";
        }
    }

    /**
     * What was copied.
     *
     * @param dir where the copy is, a store
     * @param logs number of logs
     * @param blocks blocks of all of them
     * @param bytes bytes of these
     */
    public record Result(Path dir, long logs, long blocks, long bytes) {}

    static Result run(LogStore store, Path target, Steps steps) {
        StoreBackup.Report report = StoreBackup.run(store, target, one -> {
            steps.checkCancelled();
            steps.emit(new Copied(one.key(), one.length(), one.blocks(), one.bytes(), one.held()));
        });
        steps.emit(new Warning(
                "RESTORED_WRITER",
                "The copy can sign as this store does: never write with both. It is as secret as the store, and appends"
                        + " to no log before espalier recover."));
        return new Result(target, report.logs(), report.blocks(), report.bytes());
    }
}

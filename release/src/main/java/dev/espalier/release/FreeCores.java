package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import org.jspecify.annotations.Nullable;

/**
 * Gives up the blocks of a drive that others hold, to make room: {@code gc cores} (release specification §3.5). Its keys,
 * lengths and hashes stay, and peers can bring the blocks again.
 */
public final class FreeCores {

    private FreeCores() {}

    /**
     * What is done.
     *
     * @param skipped whether nothing is: the drive is not here, or it is written here and may be nowhere else
     * @param link the drive
     * @param content key of its files; null when it is not known here
     */
    public record Chosen(
            boolean skipped, Link link, @Nullable Key content) implements Event {
        @Override
        public String tag() {
            return "cores";
        }
    }

    /**
     * What came of it.
     *
     * @param blocks how many blocks were held and are no more
     * @param freedBytes bytes by which the files take less room now
     */
    public record Result(long blocks, long freedBytes) {

        private static final Result NONE = new Result(0, 0);

        private static Result of(Log log) {
            long length = log.length();
            long held = log.presentCount(0, length);
            return new Result(held, held == 0 ? 0 : log.clear(0, length));
        }

        private Result plus(Result other) {
            return new Result(blocks + other.blocks, freedBytes + other.freedBytes);
        }
    }

    static Result run(LogStore store, Link link, Steps steps) {
        Key key = link.requireDrive().key();
        if (!store.contains(key)) {
            steps.emit(new Chosen(true, Link.of(key), null));
            return Result.NONE;
        }
        try (Drive drive = Drive.open(store, key)) {
            // Before its first block goes, which may be what says it.
            Key content = drive.contentKey().orElse(null);
            steps.emit(new Chosen(drive.writable(), Link.of(key), content));
            if (drive.writable()) {
                return Result.NONE;
            }
            // Opened before: it may follow from that block.
            Log files = content == null ? null : drive.blobs();
            Result db = Result.of(drive.db());
            return files == null ? db : db.plus(Result.of(files));
        }
    }
}

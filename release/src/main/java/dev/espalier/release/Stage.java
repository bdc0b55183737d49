package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings a drive to what a folder holds, appending only what changed (release specification §3.3). */
public final class Stage {

    private Stage() {}

    /**
     * What to stage, and how.
     *
     * @param folder the folder
     * @param search whether the nearest folder with a package.json is meant, from {@code folder} upwards; else {@code
     *     folder} is staged as it is, with or without one
     * @param dryRun whether only to tell
     * @param ignore items to leave alone, besides those of the package.json; as typed
     * @param only folders or files to look at and no others, besides those of the package.json; empty for all
     * @param purge whether ignored files that the drive holds are removed from it
     * @param truncate version to go back to before, which gives both logs a new fork; null not to
     * @param plan what must come out, as a dry run told; null for whatever comes
     * @param checksum whether all files are read, whatever is remembered of those that seem not to have changed
     */
    public record Options(
            Path folder,
            boolean search,
            boolean dryRun,
            List<String> ignore,
            List<String> only,
            boolean purge,
            @Nullable Long truncate,
            @Nullable Hash plan,
            boolean checksum) {

        /** Keeps its own copies. */
        public Options {
            ignore = List.copyOf(ignore);
            only = List.copyOf(only);
        }

        /** Reading only what changed. */
        public Options(
                Path folder,
                boolean search,
                boolean dryRun,
                List<String> ignore,
                List<String> only,
                boolean purge,
                @Nullable Long truncate,
                @Nullable Hash plan) {
            this(folder, search, dryRun, ignore, only, purge, truncate, plan, false);
        }

        /** All of this folder. */
        public static Options of(Path folder) {
            return new Options(folder, false, false, List.of(), List.of(), false, null, null);
        }

        /** The same, only told. */
        public Options dry() {
            return new Options(folder, search, true, ignore, only, purge, truncate, plan, checksum);
        }

        /** The same, after going back to a version. */
        public Options truncated(long version) {
            return new Options(folder, search, dryRun, ignore, only, purge, version, plan, checksum);
        }

        /** The same, reading all files or only those that changed. */
        public Options withChecksum(boolean on) {
            return new Options(folder, search, dryRun, ignore, only, purge, truncate, plan, on);
        }

        /** The same, refusing any other plan. */
        public Options planned(Hash hash) {
            return new Options(folder, search, dryRun, ignore, only, purge, truncate, hash, checksum);
        }
    }

    /**
     * Begins.
     *
     * @param name what the project calls itself
     * @param key key of the drive
     * @param link link of the drive
     * @param verlink link of the version before
     * @param current the version before
     * @param dir the folder being staged
     */
    public record Staging(String name, Key key, Link link, Link verlink, long current, Path dir) implements Event {
        @Override
        public String tag() {
            return "staging";
        }
    }

    /**
     * What a dry run would do, as one hash: the drive before, and each path with what it becomes, bytes included. Whoever
     * gives it to the real run is sure to get this and nothing else.
     */
    public record Plan(Hash hash) implements Event {
        @Override
        public String tag() {
            return "plan";
        }
    }

    /** State of the drive's blobs. */
    public record BlobsState(long length, long fork, long byteLength) {}

    /**
     * What differed, and how large the drive is now.
     *
     * @param files files and links looked at in the folder
     * @param add how many the drive lacked
     * @param remove how many the folder lacked
     * @param change how many differed
     * @param length blocks of the database
     * @param byteLength bytes of the database
     * @param blobs the bytes of files; null as long as there are none
     */
    public record Summary(
            long files,
            long add,
            long remove,
            long change,
            long length,
            long byteLength,
            @Nullable BlobsState blobs) implements Event {
        @Override
        public String tag() {
            return "summary";
        }
    }

    /** Nothing is written, and why. */
    public record Skipping(String reason, boolean success) implements Event {
        @Override
        public String tag() {
            return "skipping";
        }
    }

    /** Where the new version is. */
    public record Addendum(long version, Key key, Link link, Link verlink) implements Event {
        @Override
        public String tag() {
            return "addendum";
        }
    }

    /**
     * How it ended.
     *
     * @param dryRun whether nothing was written
     * @param version newest version of the drive
     * @param key key of the drive
     * @param link link of the drive
     * @param verlink link of the newest version
     * @param add files added
     * @param remove files removed
     * @param change files changed
     */
    public record Result(
            boolean dryRun, long version, Key key, Link link, Link verlink, long add, long remove, long change) {}

    static Result run(LogStore store, Link link, Options options, Steps steps) throws IOException {
        try (Drive drive = openWritable(store, link.requireDrive().key())) {
            return new StageRun(drive, store.folder(), options, steps).run();
        }
    }

    static Link verlink(Drive drive) {
        return Link.of(drive.key(), drive.db().fork(), drive.db().length());
    }

    /** The drive of a link, which must have been made in this store. */
    static Drive openWritable(LogStore store, Key key) {
        if (store.contains(key)) {
            // Asked of the log: what somebody else wrote to it need not be a drive.
            try (Log db = store.log(key)) {
                if (db.writable()) {
                    return Drive.open(store, key);
                }
            }
        }
        throw new NotWritable(Link.of(key), store.folder(), null, ReleaseLines.NONE).failure();
    }
}

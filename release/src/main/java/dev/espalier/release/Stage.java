package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.drive.Entry;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorListener;
import dev.espalier.drive.MirrorOp;
import dev.espalier.drive.MirrorResult;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
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
     */
    public record Options(
            Path folder, boolean search, boolean dryRun, List<String> ignore, List<String> only, boolean purge) {

        /** Keeps its own copies. */
        public Options {
            ignore = List.copyOf(ignore);
            only = List.copyOf(only);
        }

        /** All of this folder. */
        public static Options of(Path folder) {
            return new Options(folder, false, false, List.of(), List.of(), false);
        }

        /** The same, only told. */
        public Options dry() {
            return new Options(folder, search, true, ignore, only, purge);
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
        Key key = link.requireDrive().key();
        try (Drive drive = openWritable(store, key)) {
            Project project = options.search() ? Project.containing(options.folder()) : Project.of(options.folder());
            IgnoreRules ignore = IgnoreRules.of(project.folder(), both(options.ignore(), project.stageList("ignore")));
            List<String> only = prefixes(both(options.only(), project.stageList("only")));

            steps.emit(
                    new Staging(project.name(), key, Link.of(key), verlink(drive), drive.version(), project.folder()));
            if (options.dryRun()) {
                steps.emit(new DryRun());
            }
            if (project.manifest() == null) {
                steps.emit(new Warning(
                        "NO_PACKAGE_JSON", "The folder has no package.json: applications cannot update from it."));
            }
            if (options.purge() || project.stageFlag("purge")) {
                purge(drive, ignore, options.dryRun(), steps);
            }
            MirrorResult done = mirror(new StageSource(project.folder()), drive, ignore, only, options, steps);
            return finish(drive, done, options.dryRun(), steps);
        }
    }

    /** Ignored files are not part of the mirror: it neither tells nor counts them, but they go before it begins. */
    private static void purge(Drive drive, IgnoreRules ignore, boolean dryRun, Steps steps) {
        List<Entry> doomed = new ArrayList<>();
        for (Entry entry : drive.list("/")) {
            steps.checkCancelled();
            if (ignore.test(entry.path())) {
                doomed.add(entry);
            }
        }
        for (Entry entry : doomed) {
            steps.emit(ByteDiff.removed(entry.path(), drive.size(entry)));
        }
        if (!dryRun && !doomed.isEmpty()) {
            try (var batch = drive.batch()) {
                doomed.forEach(entry -> batch.delete(entry.path()));
                batch.flush();
            }
        }
    }

    private static MirrorResult mirror(
            StageSource source,
            Drive drive,
            Predicate<String> ignore,
            List<String> only,
            Options options,
            Steps steps) {
        Mirror mirror = Mirror.from(source)
                .to(drive)
                .ignore(ignore)
                .batch(true)
                .resume(true)
                .dryRun(options.dryRun());
        if (!only.isEmpty()) {
            mirror.prefix(only);
        }
        return mirror.run(new Teller(steps, "staging"));
    }

    private static Result finish(Drive drive, MirrorResult done, boolean dryRun, Steps steps) {
        Log db = drive.db();
        steps.emit(new Summary(
                done.files(),
                done.added(),
                done.removed(),
                done.changed(),
                db.length(),
                db.byteLength(),
                blobs(drive)));
        if (dryRun || done.isEqual()) {
            steps.emit(new Skipping(dryRun ? "dry-run" : "no changes", true));
        }
        steps.emit(new Complete(dryRun));
        Key key = drive.key();
        Link verlink = verlink(drive);
        if (!dryRun) {
            steps.emit(new Addendum(drive.version(), key, Link.of(key), verlink));
        }
        return new Result(
                dryRun, drive.version(), key, Link.of(key), verlink, done.added(), done.removed(), done.changed());
    }

    private static @Nullable BlobsState blobs(Drive drive) {
        if (drive.contentKey().isEmpty()) {
            return null;
        }
        Log blobs = drive.blobs();
        return new BlobsState(blobs.length(), blobs.fork(), blobs.byteLength());
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
        throw new EspalierException(
                "ERR_NOT_WRITABLE",
                Link.of(key) + " cannot be written from here: a link is bound to the store in which touch made it ("
                        + store.folder() + " is another).");
    }

    private static List<String> both(List<String> flag, List<String> config) {
        List<String> all = new ArrayList<>(flag);
        all.addAll(config);
        return all;
    }

    private static List<String> prefixes(List<String> items) {
        return items.stream()
                .flatMap(item -> Arrays.stream(item.split(",")))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .map(item -> item.startsWith("/") ? item : "/" + item)
                .toList();
    }

    /** Tells each step of a mirror, and stops it between two when the operation is to stop. */
    static final class Teller implements MirrorListener {

        private final Steps steps;
        private final String verb;
        private final boolean silent;
        private String label;
        private long copied;
        private long toCopy;
        private long compared;

        /** {@code verb} is what copying is called. */
        Teller(Steps steps, String verb) {
            this(steps, verb, false);
        }

        private Teller(Steps steps, String verb, boolean silent) {
            this.steps = steps;
            this.verb = verb;
            this.silent = silent;
            this.label = verb;
        }

        /** Tells only how far it is: what it does was told before. */
        static Teller silent(Steps steps, String verb) {
            return new Teller(steps, verb, true);
        }

        @Override
        public void op(MirrorOp op) {
            steps.checkCancelled();
            label = verb + " " + op.path();
            copied = 0;
            toCopy = op.bytesAdded();
            if (silent) {
                return;
            }
            switch (op.type()) {
                case ADD -> steps.emit(ByteDiff.added(op.path(), op.bytesAdded()));
                case CHANGE -> steps.emit(ByteDiff.changed(op.path(), op.bytesRemoved(), op.bytesAdded()));
                case REMOVE -> steps.emit(ByteDiff.removed(op.path(), op.bytesRemoved()));
                case EQUAL -> {
                    // Nothing to tell.
                }
            }
        }

        @Override
        public void copied(long count) {
            steps.checkCancelled();
            copied += count;
            steps.progress(label, copied, toCopy, true);
        }

        @Override
        public void compared(long count) {
            steps.checkCancelled();
            compared += count;
            steps.progress("comparing", compared, -1, true);
        }
    }
}

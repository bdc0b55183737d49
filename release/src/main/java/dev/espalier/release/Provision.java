package dev.espalier.release;

import com.google.gson.JsonElement;
import dev.espalier.drive.Download;
import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.Entry;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorResult;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a staged drive one that can become production (release specification §3.4).
 *
 * <pre>
 * source      ▫▫▫▫▫▫▫▫▫▫▫▫▫▫  every change there ever was
 * production  ■■■■■           what is out now; nothing the first time
 * target      ■■■■■▪▪▪        production's blocks, then one difference: what the version of the source has
 * </pre>
 *
 * <p>Signers can sign the target because it continues production byte for byte. So a target is never truncated, which
 * would raise its fork, and one that does not continue production is refused. Which blocks it ends with depends on nothing
 * but the version of the source, production, and what the target held before: any machine makes the same.
 *
 * <p>Nothing is written before the cooldown is over: until then the difference is computed against what the target would
 * be.
 */
public final class Provision {

    private static final Pattern SEMVER = Pattern.compile("[0-9]+\\.[0-9]+\\.[0-9]+");
    private static final String MANIFEST = "/package.json";
    private static final int MAX_MANIFEST = 16 << 20;

    private Provision() {}

    /**
     * Between which drives.
     *
     * @param source a version of a staged drive; length 0 for the newest
     * @param target a drive made in this store
     * @param production the version of production that is out, at least; length 0 as long as there is none
     */
    public record Links(Link source, Link target, Link production) {

        /**
         * Checks that versions are named.
         *
         * @throws EspalierException {@code ERR_INVALID_LINK}
         */
        public Links {
            requireVersion("source", source);
            requireVersion("production", production);
            target.requireDrive();
        }

        private static void requireVersion(String what, Link link) {
            if (!link.isVersioned()) {
                Link zero = Link.of(link.requireDrive().key(), 0, 0);
                throw new EspalierException(
                        "ERR_INVALID_LINK",
                        "The " + what + " must be versioned, pear://FORK.LENGTH.KEY; "
                                + (what.equals("source")
                                        ? "stage and info print it."
                                        : "as long as there is no production it is " + zero + "."));
            }
        }
    }

    /**
     * How to provision.
     *
     * @param dryRun whether only to tell
     * @param cooldown how long to wait, once all is told, for somebody to change their mind
     * @param network peers to fetch source and production from, and to hand the target to meanwhile
     */
    public record Options(boolean dryRun, Duration cooldown, NetworkOptions network) {

        /** How long commands wait when nobody says. */
        public static final Duration DEFAULT_COOLDOWN = Duration.ofSeconds(10);

        /** Checks the cooldown. */
        public Options {
            if (cooldown.isNegative()) {
                throw new EspalierException("ERR_INVALID_INPUT", "The cooldown must not be negative.");
            }
        }

        /** For real, after the usual cooldown. */
        public static Options of(NetworkOptions network) {
            return new Options(false, DEFAULT_COOLDOWN, network);
        }

        /** The same, only told. */
        public Options dry() {
            return new Options(true, cooldown, network);
        }

        /** The same with this cooldown. */
        public Options withCooldown(Duration time) {
            return new Options(dryRun, time, network);
        }
    }

    /** The source is about to be compared with what the target will be. */
    public record Diffing() implements Event {
        @Override
        public String tag() {
            return "diffing";
        }
    }

    /**
     * A log.
     *
     * @param id its key
     * @param length blocks
     * @param hash tree hash at this length
     */
    public record LogState(Key id, long length, Hash hash) {}

    /**
     * A drive.
     *
     * @param core its entries
     * @param blobs its bytes; null as long as nobody told of them
     * @param link its link
     * @param verlink the link of this version
     * @param hashlink the same with the tree hash of the entries
     */
    public record DriveState(LogState core, @Nullable LogState blobs, Link link, Link verlink, Link hashlink) {}

    /**
     * What differs.
     *
     * @param changes files and links added, changed and removed
     * @param semver version of the source's package.json
     * @param source the source
     * @param target what the target will be when it holds production and nothing else is written yet
     */
    public record Diffed(long changes, String semver, DriveState source, DriveState target) implements Event {
        @Override
        public String tag() {
            return "diffed";
        }
    }

    /** Nothing is written for so long, in milliseconds. */
    public record Cooldown(long time) implements Event {
        @Override
        public String tag() {
            return "cooldown";
        }
    }

    /** The difference is about to be written. */
    public record Staging() implements Event {
        @Override
        public String tag() {
            return "staging";
        }
    }

    /** The difference is written; nothing is when there was none. */
    public record Staged(long changes) implements Event {
        @Override
        public String tag() {
            return "staged";
        }
    }

    /** A field beside the files is copied. */
    public record Setting(String field, JsonElement value) implements Event {
        @Override
        public String tag() {
            return "setting";
        }
    }

    /** A field beside the files that the source lacks is removed. */
    public record Unsetting(String field) implements Event {
        @Override
        public String tag() {
            return "unsetting";
        }
    }

    /**
     * How it ended.
     *
     * @param dryRun whether nothing was written
     * @param changes files and links added, changed and removed
     * @param semver version of the source's package.json
     * @param source the version of the source
     * @param target the target as it is now
     * @param production production as it was taken
     */
    public record Result(
            boolean dryRun, long changes, String semver, DriveState source, DriveState target, DriveState production) {}

    static Result run(LogStore store, Links links, Options options, Steps steps) throws IOException {
        Key source = links.source().requireDrive().key();
        Key production = links.production().requireDrive().key();
        try (Drive to = Stage.openWritable(store, links.target().requireDrive().key())) {
            Network.requireSomebody(store, source, options.network());
            if (length(links.production()) > 0) {
                Network.requireSomebody(store, production, options.network());
            }
            try (Drive from = Drive.open(store, source);
                    Drive out = Drive.open(store, production);
                    Network network = Network.open(steps, store, options.network())) {
                return new Run(links, options, from, to, out, network, steps).run();
            }
        }
    }

    private static long length(Link link) {
        Link.Version version = link.requireDrive().version();
        return version == null ? 0 : version.length();
    }

    /** Both logs of a drive at one moment; {@code blobs} null as long as nobody told of them. */
    private record Heads(TreeHead db, @Nullable TreeHead blobs) {

        static Heads of(Drive drive) {
            return new Heads(
                    drive.db().head(),
                    drive.contentKey().isEmpty() ? null : drive.blobs().head());
        }

        TreeHead blobsOrEmpty() {
            return blobs == null ? TreeHead.EMPTY : blobs;
        }

        DriveState stateOf(Drive drive) {
            Key key = drive.key();
            LogState core = new LogState(key, db.length(), db.treeHash());
            LogState content =
                    blobs == null ? null : new LogState(drive.blobs().key(), blobs.length(), blobs.treeHash());
            return new DriveState(
                    core,
                    content,
                    Link.of(key),
                    Link.of(key, db.fork(), db.length()),
                    Link.of(key, db.fork(), db.length(), db.treeHash()));
        }
    }

    /** A version to compare with. */
    private record Base(Drive drive, long version) {

        DriveCheckout view() {
            return drive.checkout(version);
        }
    }

    /** One run. */
    private static final class Run {

        private final Links links;
        private final Options options;
        private final Drive source;
        private final Drive target;
        private final Drive production;
        private final Network network;
        private final Steps steps;

        Run(Links links, Options options, Drive source, Drive target, Drive production, Network network, Steps steps) {
            this.links = links;
            this.options = options;
            this.source = source;
            this.target = target;
            this.production = production;
            this.network = network;
            this.steps = steps;
        }

        Result run() throws IOException {
            Duration patience = options.network().timeout();
            if (!patience.isZero()) {
                List.of(source, production).forEach(drive -> drive.blockTimeout(patience));
            }
            Heads out = learnProduction();
            Heads before = Heads.of(target);
            Prefix db = new Prefix("metadata", target.db(), before.db(), production.db(), out.db());
            Prefix blobs =
                    new Prefix("blobs", target.blobs(), before.blobsOrEmpty(), blobs(production), out.blobsOrEmpty());
            fetchProduction(db, blobs);
            Base base = base(db, blobs);

            long version = LinkVersion.learn(links.source(), null, source, network, steps);
            DriveCheckout staged = source.checkout(version);
            fetch(staged);
            steps.emit(new Diffing());
            MirrorResult diff = Mirror.from(staged).against(base.view()).run(new MirrorTeller(steps, "comparing"));
            long changes = diff.added() + diff.changed() + diff.removed();
            String semver = semver(staged);
            DriveState from = state(version);
            steps.emit(new Diffed(changes, semver, from, new Heads(db.joined(), blobs.joined()).stateOf(target)));
            DriveState taken = out.stateOf(production);
            if (options.dryRun()) {
                steps.emit(new DryRun());
                return new Result(true, changes, semver, from, before.stateOf(target), taken);
            }
            DriveFields fields = new DriveFields(source, version, target);
            if (changes > 0 || db.isShort() || blobs.isShort() || fields.differFrom(base.drive(), base.version())) {
                cooldown();
            }
            requireSame(before);
            // Bytes first: whatever happens in between, no entry leads to bytes that are not there.
            blobs.copy(steps);
            db.copy(steps);
            steps.emit(new Staging());
            if (changes > 0) {
                Mirror.from(staged).to(target).batch(true).resume(true).run(MirrorTeller.silent(steps, "copying"));
            }
            steps.emit(new Staged(changes));
            fields.copy(steps);
            return new Result(false, changes, semver, from, Heads.of(target).stateOf(target), taken);
        }

        // ---- production

        private Heads learnProduction() {
            Link link = links.production();
            Log db = production.db();
            long least = length(link);
            if (!production.key().equals(target.key())) {
                network.update(db, least);
            }
            if (db.length() < least) {
                throw new EspalierException(
                        "ERR_NOT_FOUND",
                        "Production is not known at version " + least + ", only at " + db.length()
                                + ", and there is nobody to ask; name a peer with --peer HOST:PORT.");
            }
            if (db.length() == 0) {
                return new Heads(db.head(), null);
            }
            LinkVersion.checkFork(link, db);
            TreeHead head = db.head();
            LogFetch.range(db, 0, head.length(), network, steps);
            if (least > 0) {
                LinkVersion.checkTreeHash(link, db, least);
            }
            if (production.namesBlobs() && !production.key().equals(target.key())) {
                throw Prefix.incompatible(
                        "Production is a drive of the old kind, which names the place of its bytes in its"
                                + " first block: its blocks mean nothing in another drive.");
            }
            if (least == 0 && !production.key().equals(target.key())) {
                steps.emit(new Warning(
                        "PRODUCTION_EXISTS",
                        "The production link says " + link + ", but there is a production already; from now on use "
                                + Link.of(production.key(), head.fork(), head.length()) + "."));
            }
            Log blobs = production.blobs();
            if (!blobs.writable()) {
                network.update(blobs, production.checkout(head.length()).blobsLength());
            }
            return new Heads(head, blobs.head());
        }

        private static @Nullable Log blobs(Drive drive) {
            return drive.contentKey().isEmpty() ? null : drive.blobs();
        }

        /** Compares what both have, having fetched what the target lacks. */
        private void fetchProduction(Prefix db, Prefix blobs) {
            if (db.isShort() || blobs.isShort()) {
                LogFetch.range(production.blobs(), 0, blobs.length(), network, steps);
            }
            db.check();
            blobs.check();
        }

        /** The target as it will be when it holds production. */
        private Base base(Prefix db, Prefix blobs) {
            if (!db.isShort() && !blobs.isShort()) {
                return new Base(target, target.version());
            }
            if (!db.isLong()) {
                return new Base(production, db.length());
            }
            throw Prefix.incompatible("The target " + Link.of(target.key())
                    + " has more entries than production, but fewer bytes of files.");
        }

        // ---- source

        private void fetch(DriveCheckout staged) {
            try (Download download = staged.download("/")) {
                network.await(
                        download.done(),
                        "files of " + links.source(),
                        () -> steps.progress(
                                "fetching", download.heldBlocks(), Math.max(1, download.totalBlocks()), false));
            }
        }

        private static String semver(DriveCheckout staged) throws IOException {
            Entry entry = staged.entry(MANIFEST);
            if (entry == null || entry.isLink() || staged.size(entry) > MAX_MANIFEST) {
                throw new EspalierException(
                        "ERR_INVALID_MANIFEST",
                        "The source has no package.json: without its version no application can update.");
            }
            String version;
            try (InputStream in = staged.newInputStream(entry, 0, MAX_MANIFEST)) {
                version = Project.text(Project.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)), "version");
            }
            if (version == null || !SEMVER.matcher(version).matches()) {
                throw new EspalierException(
                        "ERR_INVALID_MANIFEST",
                        "Source has non-production SemVer: "
                                + (version == null
                                        ? "its package.json has no version"
                                        : "\"" + LinkText.shorten(version) + "\"")
                                + "; stage MAJOR.MINOR.PATCH, without anything behind it, first.");
            }
            return version;
        }

        private DriveState state(long version) {
            Log db = source.db();
            TreeHead head = db.head();
            Hash hash = version == head.length() ? head.treeHash() : db.treeHash(version);
            Log blobs = blobs(source);
            TreeHead content = blobs == null ? null : blobs.head();
            Key key = source.key();
            return new DriveState(
                    new LogState(key, version, hash),
                    blobs == null || content == null
                            ? null
                            : new LogState(blobs.key(), content.length(), content.treeHash()),
                    Link.of(key),
                    Link.of(key, head.fork(), version),
                    Link.of(key, head.fork(), version, hash));
        }

        // ---- writing

        private void cooldown() {
            Duration time = options.cooldown();
            steps.emit(new Cooldown(time.toMillis()));
            long end = System.nanoTime() + time.toNanos();
            for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
                steps.checkCancelled();
                steps.pause(Duration.ofNanos(left));
            }
            steps.checkCancelled();
        }

        /** Somebody else may have written while this waited. */
        private void requireSame(Heads before) {
            Heads now = Heads.of(target);
            if (!now.db().treeHash().equals(before.db().treeHash())
                    || !Objects.equals(
                            now.blobsOrEmpty().treeHash(), before.blobsOrEmpty().treeHash())) {
                throw new EspalierException(
                        "ERR_CHANGED",
                        "The target was written to by somebody else after it was compared; provision again.");
            }
        }
    }
}

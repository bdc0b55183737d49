package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.Entry;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorListener;
import dev.espalier.drive.MirrorOp;
import dev.espalier.drive.MirrorResult;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of {@link Stage}. <b>Threading:</b> one thread. */
final class StageRun {

    private final Drive drive;
    private final Path store;
    private final Stage.Options options;
    private final Steps steps;
    private final Project project;
    private final StageSource source;
    private final IgnoreRules ignore;
    private final List<String> only;
    private final boolean purge;

    /** {@code store} is the folder of the store. */
    StageRun(Drive drive, Path store, Stage.Options options, Steps steps) throws IOException {
        this.drive = drive;
        this.store = store;
        this.options = options;
        this.steps = steps;
        this.project = options.search() ? Project.containing(options.folder()) : Project.of(options.folder());
        this.source = new StageSource(project.folder());
        this.ignore = IgnoreRules.of(project.folder(), both(options.ignore(), project.stageList("ignore")));
        this.only = prefixes(both(options.only(), project.stageList("only")));
        this.purge = options.purge() || project.stageFlag("purge");
    }

    Stage.Result run() throws IOException {
        Long back = options.truncate();
        if (back != null) {
            DriveVersions.require(drive, back);
        }
        DriveCheckout before = drive.checkout(back == null ? drive.version() : back);
        String stagedVersion = version(before);
        if (options.plan() != null) {
            requirePlan(options.plan(), before);
        }
        Key key = drive.key();
        long fork = drive.fork() + (back == null ? 0 : 1);
        Link verlink = Link.of(key, fork, back == null ? drive.db().length() : back);
        if (back != null && !options.dryRun()) {
            drive.truncate(back);
        }
        steps.emit(new Stage.Staging(project.name(), key, Link.of(key), verlink, before.version(), project.folder()));
        if (options.dryRun()) {
            steps.emit(new DryRun());
        }
        warn(new LeastLayout(source, "folder"));
        StagePlan plan = options.dryRun() ? newPlan(before) : null;
        long purged = purge ? purge(before, plan) : 0;
        Growth growth = new Growth();
        MirrorListener teller = telling(new MirrorTeller(steps, "staging"), growth::add);
        MirrorResult done = options.dryRun()
                ? mirror().against(before).run(plan == null ? teller : telling(teller, plan::add))
                : mirror().to(drive).batch(true).resume(true).run(teller);
        if (!done.isEqual()) {
            warn(new VersionNotRaised(stagedVersion, project.version(), "in package.json", "which is staged"));
            warn(growth.since(before));
        }
        return finish(done, purged, plan);
    }

    private Mirror mirror() {
        Mirror mirror =
                Mirror.from(source).ignore(ignore).remember(remembered()).checksum(options.checksum());
        return only.isEmpty() ? mirror : mirror.prefix(only);
    }

    /** Where it is kept what is known of the files of this folder: a file for each drive and folder. */
    private Path remembered() {
        Hash name = Hash.digest(
                drive.discoveryKey().bytes(),
                project.folder().toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8));
        return store.resolve("unchanged").resolve(name.toString());
    }

    // ---- the plan

    private StagePlan newPlan(DriveCheckout before) {
        long length = Math.min(before.version(), drive.db().length());
        return new StagePlan(
                source,
                length == drive.db().length()
                        ? drive.db().treeHash()
                        : drive.db().treeHash(length));
    }

    /** Both are told each step. */
    private static MirrorListener telling(MirrorListener teller, Consumer<MirrorOp> also) {
        return new MirrorListener() {
            @Override
            public void op(MirrorOp op) {
                teller.op(op);
                also.accept(op);
            }

            @Override
            public void copied(long bytes) {
                teller.copied(bytes);
            }

            @Override
            public void compared(long bytes) {
                teller.compared(bytes);
            }
        };
    }

    private void requirePlan(Hash wanted, DriveCheckout before) {
        StagePlan plan = newPlan(before);
        if (purge) {
            doomed(before).forEach(entry -> plan.purged(entry.path()));
        }
        List<String> changes = new ArrayList<>();
        mirror().against(before).run(telling(MirrorTeller.silent(steps, "checking"), op -> {
            plan.add(op);
            if (op.type() != MirrorOp.Type.EQUAL) {
                changes.add(op.path());
            }
        }));
        if (!plan.hash().equals(wanted)) {
            throw new EspalierException(
                    "ERR_PLAN_CHANGED",
                    "Something changed since the dry run: it would stage another plan now, " + NotStaged.names(changes)
                            + ". Look at a new dry run.");
        }
    }

    // ---- purge

    /** Ignored files are not part of the mirror: it neither tells nor counts them, but they go before it begins. */
    private long purge(DriveCheckout before, @Nullable StagePlan plan) {
        List<Entry> doomed = doomed(before);
        for (Entry entry : doomed) {
            steps.emit(ByteDiff.removed(entry.path(), before.size(entry)));
            if (plan != null) {
                plan.purged(entry.path());
            }
        }
        if (!options.dryRun() && !doomed.isEmpty()) {
            try (var batch = drive.batch()) {
                doomed.forEach(entry -> batch.delete(entry.path()));
                batch.flush();
            }
        }
        return doomed.size();
    }

    private List<Entry> doomed(DriveCheckout before) {
        List<Entry> doomed = new ArrayList<>();
        for (Entry entry : before.list("/")) {
            steps.checkCancelled();
            if (ignore.test(entry.path())) {
                doomed.add(entry);
            }
        }
        return doomed;
    }

    // ---- warnings

    private void warn(Detection detection) throws IOException {
        for (Finding finding : detection.findings()) {
            steps.emit(finding.warning());
        }
    }

    /** The version that an application sees in a drive; null when it sees none. */
    private static @Nullable String version(DriveCheckout drive) throws IOException {
        PackageJson manifest = drive.has("/package.json") ? PackageJson.of(drive) : null;
        return manifest == null ? null : manifest.version();
    }

    // ---- the end

    private Stage.Result finish(MirrorResult done, long purged, @Nullable StagePlan plan) {
        boolean dryRun = options.dryRun();
        Log db = drive.db();
        steps.emit(new Stage.Summary(
                done.files(), done.added(), done.removed(), done.changed(), db.length(), db.byteLength(), blobs()));
        if (plan != null) {
            steps.emit(new Stage.Plan(plan.hash()));
        }
        if (dryRun || done.isEqual() && purged == 0) {
            steps.emit(new Stage.Skipping(dryRun ? "dry-run" : "no changes", true));
        }
        steps.emit(new Complete(dryRun));
        Key key = drive.key();
        Link verlink = Stage.verlink(drive);
        if (!dryRun) {
            steps.emit(new Stage.Addendum(drive.version(), key, Link.of(key), verlink));
        }
        return new Stage.Result(
                dryRun, drive.version(), key, Link.of(key), verlink, done.added(), done.removed(), done.changed());
    }

    private Stage.@Nullable BlobsState blobs() {
        if (drive.contentKey().isEmpty()) {
            return null;
        }
        Log blobs = drive.blobs();
        return new Stage.BlobsState(blobs.length(), blobs.fork(), blobs.byteLength());
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
}

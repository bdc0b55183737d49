package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.drive.Drive;
import dev.espalier.drive.FileTree;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at an application's folder, and at a deployment folder made of it, before anything is shipped. Changes nothing and
 * asks nobody.
 */
public final class Doctor {

    private Doctor() {}

    /**
     * What to look at.
     *
     * @param folder a folder in the application's folder; or a deployment folder, which is then the build as well
     * @param build the deployment folder; null when there is none yet
     * @param previous an earlier deployment folder to compare with; null for none
     * @param line the line that the build is for; null to tell it from the upgrade link
     */
    public record Options(
            Path folder,
            @Nullable Path build,
            @Nullable Path previous,
            @Nullable String line) {

        /** Only the application. */
        public static Options of(Path folder) {
            return new Options(folder, null, null, null);
        }
    }

    /**
     * Begins.
     *
     * @param dir the application's folder
     * @param build the deployment folder; null for none
     * @param name what the project calls itself
     * @param version of the package.json; null when it does not say
     * @param upgrade of the package.json; null when it does not say
     * @param lines names of the lines whose builds have this upgrade link
     */
    public record Examining(
            Path dir,
            @Nullable Path build,
            String name,
            @Nullable String version,
            @Nullable String upgrade,
            List<String> lines)
            implements Event {
        @Override
        public String tag() {
            return "examining";
        }
    }

    /**
     * What is wrong with the environment in which artefacts are signed, variables of the person who makes them (R12, R14).
     * Apart from the operation, because another process may do that. Values are not told.
     *
     * @throws IOException when a file of the application in {@code folder} cannot be read
     */
    public static List<Finding> signing(Path folder, Map<String, String> environment) throws IOException {
        List<Finding> found = new ArrayList<>(new SigningEnvironment(environment).findings());
        found.addAll(new Certificate(folder, environment).findings());
        return found;
    }

    /** The operation; {@code store} null when there is none. */
    public static Operation<Diagnosis> of(@Nullable LogStore store, Options options) {
        return Operation.of(steps -> {
            Project project = Project.containing(options.folder());
            return new Run(store, options, project, ReleaseLines.of(project.folder()), steps).run();
        });
    }

    /** One run. */
    private static final class Run {

        private final @Nullable LogStore store;
        private final Project project;
        private final PackageJson own;
        private final ReleaseLines lines;
        private final @Nullable ReleaseLine line;

        /** Whether the folder is itself a deployment folder: then there is no application's folder to be seen. */
        private final boolean deployment;

        private final @Nullable Path build;
        private final @Nullable Path previous;
        private final Steps steps;
        private final Findings findings;

        Run(@Nullable LogStore store, Options options, Project project, ReleaseLines lines, Steps steps)
                throws IOException {
            this.store = store;
            this.project = project;
            this.own = new PackageJson(project.manifest() == null ? new JsonObject() : project.manifest());
            this.lines = lines;
            this.line = options.line() == null ? null : lines.require(options.line());
            this.deployment = options.build() == null
                    && Files.isDirectory(project.folder().resolve("by-arch"));
            this.build = deployment ? project.folder() : folder(options.build());
            this.previous = folder(options.previous());
            this.steps = steps;
            this.findings = new Findings(steps);
        }

        private static @Nullable Path folder(@Nullable Path named) throws IOException {
            return named == null ? null : Project.of(named).folder();
        }

        Diagnosis run() throws IOException {
            steps.emit(new Examining(
                    project.folder(),
                    build,
                    project.name(),
                    own.version(),
                    own.upgrade(),
                    updating().stream().map(ReleaseLine::name).toList()));
            Path application = deployment ? null : project.folder();
            findings.look(new MakeChecklist(own.json(), application));
            findings.look(new VersionForm(own.version()));
            lookAtUpdates(own);
            findings.look(new Entitlements(application, build));
            findings.look(new Publisher(application, build, previous));
            if (build != null) {
                lookAtBuild(build);
            }
            findings.look(new LineRules(lines));
            lookAtStore();
            return findings.diagnosis();
        }

        /** Lines whose builds update as the package.json says. */
        private List<ReleaseLine> updating() {
            Link upgrade = upgradeLink();
            return upgrade == null ? List.of() : lines.updatingFrom(upgrade);
        }

        private @Nullable Link upgradeLink() {
            try {
                return own.upgrade() == null ? null : Link.parseDrive(own.upgrade());
            } catch (EspalierException e) {
                return null;
            }
        }

        private void lookAtUpdates(PackageJson manifest) throws IOException {
            findings.look(
                    line == null
                            ? UpgradeLink.of(manifest.upgrade(), lines)
                            : UpgradeLink.of(manifest.upgrade(), line, lines));
            findings.look(new UpdatesOff(manifest.updatesOff()));
            for (ReleaseLine one : line == null ? updating() : List.of(line)) {
                ReleaseLine production = lines.at(one.upgrade());
                if (production != null && production.kind() == ReleaseLine.Kind.MULTISIG) {
                    findings.look(new NoUpdatesByDesign(one.name(), one.link(), one.upgrade()));
                }
            }
        }

        private void lookAtBuild(Path folder) throws IOException {
            FileTree files = new StageSource(folder);
            findings.look(new LeastLayout(files, "folder"));
            findings.look(new NestedBuild(deployment ? null : project.folder(), deployment ? null : folder, files));
            if (!deployment) {
                findings.look(new OtherPackage(project.folder(), folder));
            }
            PackageJson built = PackageJson.of(files);
            findings.look(new MissingArtefact(files, (built == null ? own : built).productName(), null, false));
            if (previous != null) {
                findings.look(
                        new SizeIncrease(SizeIncrease.sizes(new StageSource(previous)), SizeIncrease.sizes(files)));
                PackageJson before = PackageJson.of(new StageSource(previous));
                if (before != null) {
                    findings.look(new VersionNotRaised(
                            before.version(), own.version(), "in package.json", "that of " + previous));
                }
            }
        }

        /** What only the store knows: which links can be written, and what was staged to them. */
        private void lookAtStore() throws IOException {
            if (store == null) {
                return;
            }
            for (ReleaseLine one : lines.all()) {
                if (!isWritable(store, one.link())) {
                    findings.look(new NotWritable(one.link(), store.folder(), one.kind(), lines));
                }
            }
            Link target = target();
            if (target != null && store.contains(target.requireDrive().key())) {
                try (Drive drive = Drive.open(store, target.requireDrive().key())) {
                    PackageJson staged = drive.has("/package.json") ? PackageJson.of(drive) : null;
                    boolean changed = build != null
                            && !StageSource.differing(Project.of(build), drive, steps)
                                    .isEmpty();
                    findings.look(new VersionNotRaised(
                            staged == null ? null : staged.version(),
                            own.version(),
                            "in package.json",
                            "which is staged to " + target,
                            changed));
                } catch (EspalierException e) {
                    // What lies there is no drive, or not all of it is here: then nothing is known of it.
                    if (!e.code().equals("ERR_NOT_FOUND") && !e.code().equals("ERR_CORRUPT")) {
                        throw e;
                    }
                }
            }
        }

        /** Where the build will be staged; null when that is not known. */
        private @Nullable Link target() {
            if (line != null) {
                return line.link();
            }
            List<ReleaseLine> staged = updating().stream()
                    .filter(one -> one.kind() == ReleaseLine.Kind.STAGE)
                    .toList();
            if (lines.isEmpty()) {
                return upgradeLink();
            }
            return staged.size() == 1 ? staged.get(0).link() : null;
        }
    }

    /** Whether a link was made in this store. */
    static boolean isWritable(LogStore store, Link link) {
        Key key = link.requireDrive().key();
        if (!store.contains(key)) {
            return false;
        }
        try (Log db = store.log(key)) {
            return db.writable();
        }
    }
}

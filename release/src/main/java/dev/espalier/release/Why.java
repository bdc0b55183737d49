package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers why an application did not update, as far as that can be seen from its link, from this store and from the peers
 * that are named (release specification §7). Writes to no link.
 */
public final class Why {

    /** What tells that a thing is not to be had; anything else is a failure of this look. */
    private static final Set<String> ABSENT = Set.of("ERR_NOT_FOUND", "ERR_TIMEOUT");

    private Why() {}

    /**
     * What is asked.
     *
     * @param subject a link, or the name of a line; null for the upgrade link of the project
     * @param folder a folder in the project, whose lines and package.json are looked at where there are any
     * @param installed version of the application that did not update; null when it is not known
     * @param host its platform and architecture, {@code linux-x64}; null for this machine's
     * @param build the deployment folder that was staged; null when it is not at hand
     * @param rule how long to wait for seeders
     * @param network peers to ask
     */
    public record Options(
            @Nullable String subject,
            Path folder,
            @Nullable String installed,
            @Nullable String host,
            @Nullable Path build,
            SeedingRule rule,
            NetworkOptions network) {

        /** Checks the version. */
        public Options {
            if (installed != null) {
                SemVer.parse(installed);
            }
        }

        /** About a link, knowing nothing else. */
        public static Options of(Link link, Path folder, NetworkOptions network) {
            return new Options(link.toString(), folder, null, null, null, SeedingRule.DEFAULT, network);
        }
    }

    /**
     * Begins.
     *
     * @param link the link
     * @param line name of the line whose releases are at it; null when it is none
     */
    public record Asking(Link link, @Nullable String line) implements Event {
        @Override
        public String tag() {
            return "asking";
        }
    }

    /** What applications are offered at the link; what its package.json does not say is null. */
    public record Offered(
            Link verlink,
            @Nullable String version,
            @Nullable String upgrade) implements Event {
        @Override
        public String tag() {
            return "offered";
        }
    }

    /** Whether {@link #code} can explain it. */
    public static boolean isCode(String text) {
        return MultisigCode.isKnown(text);
    }

    /** The operation that explains a code of the multisig commands. */
    public static Operation<Diagnosis> code(String code) {
        return Operation.of(steps -> {
            Findings findings = new Findings(steps);
            findings.look(new MultisigCode(code));
            return findings.diagnosis();
        });
    }

    static Diagnosis run(LogStore store, Options options, Steps steps) throws IOException {
        ReleaseLines lines = ReleaseLines.of(options.folder());
        PackageJson project = project(options.folder());
        Link link = link(options, lines, project);
        return new Run(store, options, lines, project, link, steps).run();
    }

    private static @Nullable PackageJson project(Path folder) throws IOException {
        try {
            Project project = Project.containing(folder);
            return project.manifest() == null ? null : new PackageJson(project.manifest());
        } catch (EspalierException e) {
            if (e.code().equals("ERR_INVALID_PROJECT_DIR")) {
                return null;
            }
            throw e;
        }
    }

    private static Link link(Options options, ReleaseLines lines, @Nullable PackageJson project) {
        String subject = options.subject();
        if (subject != null) {
            return ReleaseLine.isName(subject)
                    ? lines.require(subject).link()
                    : Link.of(Link.parseDrive(subject).requireDrive().key());
        }
        String upgrade = project == null ? null : project.upgrade();
        if (upgrade == null) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "Name the link that the application updates from: "
                            + (project == null ? "there is no package.json here." : "the package.json here has none."));
        }
        return Link.of(Link.parseDrive(upgrade).requireDrive().key());
    }

    /** Platform and architecture of this machine, as folders of builds are called. */
    private static String thisHost() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        return (system.startsWith("windows") ? "win32" : system.contains("mac") ? "darwin" : "linux")
                + (arch.equals("aarch64") ? "-arm64" : "-x64");
    }

    /** One run. */
    private static final class Run {

        private final LogStore store;
        private final Options options;
        private final ReleaseLines lines;
        private final @Nullable PackageJson project;
        private final Link link;
        private final @Nullable ReleaseLine line;
        private final Steps steps;
        private final Findings findings;

        Run(
                LogStore store,
                Options options,
                ReleaseLines lines,
                @Nullable PackageJson project,
                Link link,
                Steps steps) {
            this.store = store;
            this.options = options;
            this.lines = lines;
            this.project = project;
            this.link = link;
            this.line = lines.at(link);
            this.steps = steps;
            this.findings = new Findings(steps);
        }

        Diagnosis run() throws IOException {
            steps.emit(new Asking(link, line == null ? null : line.name()));
            for (MultisigRecords.Item item : new MultisigRecords(store).unfinished()) {
                findings.look(new CommitNotConfirmed(item.link()));
            }
            try {
                Network.requireSomebody(store, link.requireDrive().key(), options.network());
                try (Drive drive = Drive.open(store, link.requireDrive().key());
                        Network network = Network.open(steps, store, options.network())) {
                    lookAtDrive(drive, network);
                    lookAtSeeders(drive, network);
                    lookAtProduction(network);
                    lookAtWriting(drive);
                }
            } catch (EspalierException e) {
                if (!ABSENT.contains(e.code())) {
                    throw e;
                }
                findings.look(new NotFetched(link, e));
            }
            findings.look(new UpdatesUnseen());
            return findings.diagnosis();
        }

        // ---- what is offered

        private void lookAtDrive(Drive drive, Network network) throws IOException {
            Log db = drive.db();
            if (!drive.writable()) {
                network.update(db, options.network().expectsPeers() ? 1 : 0);
            }
            if (db.length() == 0) {
                findings.look(new NothingStaged(link));
                return;
            }
            LogFetch.range(db, 0, db.length(), network, steps);
            Duration patience = options.network().timeout();
            drive.blockTimeout(
                    !network.canAsk() ? Duration.ZERO : patience.isZero() ? NetworkOptions.DEFAULT_TIMEOUT : patience);
            DriveCheckout view = drive.checkout(drive.version());
            PackageJson now = PackageJson.of(view);
            steps.emit(new Offered(
                    Stage.verlink(drive), now == null ? null : now.version(), now == null ? null : now.upgrade()));
            findings.look(new LeastLayout(view, "newest version"));
            DriveCheckout before = drive.checkout(DriveVersions.before(drive));
            if (now != null) {
                lookAtPackage(now, packageOf(before), view);
            }
            findings.look(new NestedBuild(null, null, view));
            findings.look(new SizeIncrease(SizeIncrease.sizes(before), SizeIncrease.sizes(view)));
            lookAtBuild(view);
        }

        /** Null when its bytes are not to be had any more: it is of the past. */
        private static @Nullable PackageJson packageOf(DriveCheckout before) throws IOException {
            return before.has("/package.json") ? PackageJson.of(before) : null;
        }

        private void lookAtPackage(PackageJson now, @Nullable PackageJson before, DriveCheckout view)
                throws IOException {
            String installed = options.installed();
            findings.look(
                    installed != null
                            ? new VersionNotRaised(installed, now.version(), "at " + link, "which the application has")
                            : new VersionNotRaised(
                                    before == null ? null : before.version(),
                                    now.version(),
                                    "at " + link,
                                    "which it had before the last change"));
            if (project != null && project.upgrade() != null && isUpgradeOf(project.upgrade())) {
                findings.look(new NotReleased(link, project.version(), now.version()));
            }
            lookAtUpgrade(now);
            String host = options.host();
            findings.look(new MissingArtefact(view, now.productName(), host == null ? thisHost() : host, host != null));
            findings.look(new UpdatesOff(now.updatesOff()));
        }

        private boolean isUpgradeOf(String upgrade) {
            Link named = parse(upgrade);
            return named != null && named.equals(link);
        }

        private static @Nullable Link parse(String upgrade) {
            try {
                return Link.of(Link.parseDrive(upgrade).requireDrive().key());
            } catch (EspalierException e) {
                return null;
            }
        }

        private void lookAtUpgrade(PackageJson now) throws IOException {
            if (line != null) {
                findings.look(UpgradeLink.of(now.upgrade(), line, lines));
                if (isProduction(line.upgrade())) {
                    findings.look(new NoUpdatesByDesign(line.name(), link, line.upgrade()));
                }
                return;
            }
            Link upgrade = now.upgrade() == null ? null : parse(now.upgrade());
            if (upgrade != null && isProduction(upgrade)) {
                findings.look(new NoUpdatesByDesign(link.toString(), link, upgrade));
            } else {
                findings.look(new UpgradeLink(now.upgrade(), link, "where this was found", false, lines));
            }
        }

        /** Whether a link is signed by several, as far as that is known here. */
        private boolean isProduction(Link upgrade) {
            ReleaseLine known = lines.at(upgrade);
            if (known != null) {
                return known.kind() == ReleaseLine.Kind.MULTISIG;
            }
            if (!store.contains(upgrade.requireDrive().key())) {
                return false;
            }
            try (Log log = store.log(upgrade.requireDrive().key())) {
                Manifest manifest = log.manifest();
                return manifest != null && manifest.signers().size() > 1;
            }
        }

        private void lookAtBuild(DriveCheckout view) throws IOException {
            Path folder = options.build();
            if (folder == null) {
                return;
            }
            Project built = Project.of(folder);
            findings.look(new NotStaged(link, built.folder(), StageSource.differing(built, view, steps)));
        }

        // ---- who has it

        private void lookAtSeeders(Drive drive, Network network) throws IOException {
            if (drive.db().length() == 0) {
                return;
            }
            if (!network.canAsk()) {
                findings.look(new NotSeeded(link, null));
                return;
            }
            Seeders seeders = new Seeders(store, steps, options.rule());
            int full = seeders.fullCopies(drive, network);
            int peers = seeders.peers(drive.db());
            findings.look(new NotSeeded(link, new NotSeeded.Seeding(peers, full)));
            if (line != null && line.kind() != ReleaseLine.Kind.STAGE && full < seeders.needed()) {
                boolean source = line.kind() == ReleaseLine.Kind.PROVISION;
                findings.look(new MultisigCode(
                        peers < seeders.needed()
                                ? source ? "SOURCE_CORE_INSUFFICIENT_PEERS" : "TARGET_CORE_INSUFFICIENT_PEERS"
                                : source ? "SOURCE_CORE_NOT_FULLY_SEEDED" : "TARGET_CORE_NOT_FULLY_SEEDED"));
            }
        }

        // ---- what is to be signed

        private void lookAtProduction(Network network) throws IOException {
            ReleaseLine provision = only(ReleaseLine.Kind.PROVISION);
            ReleaseLine production = only(ReleaseLine.Kind.MULTISIG);
            if (provision == null || production == null || line != provision && line != production) {
                return;
            }
            try (Drive source =
                            Drive.open(store, provision.link().requireDrive().key());
                    Drive out =
                            Drive.open(store, production.link().requireDrive().key())) {
                if (!source.writable()) {
                    network.update(source.db(), 0);
                }
                network.update(out.db(), 0);
                if (source.db().length() == 0) {
                    return;
                }
                findings.look(new NotContinuing(provision.link(), source.db().fork(), mismatch(source, out, network)));
                if (out.db().length() > source.db().length()) {
                    findings.look(new MultisigCode("TARGET_CORE_TOO_BIG"));
                }
            }
        }

        private @Nullable ReleaseLine only(ReleaseLine.Kind kind) {
            List<ReleaseLine> all =
                    lines.all().stream().filter(one -> one.kind() == kind).toList();
            return all.size() == 1 ? all.get(0) : null;
        }

        /** How the beginnings of both differ; null when they do not, or when that cannot be seen. */
        private @Nullable EspalierException mismatch(Drive source, Drive out, Network network) {
            try {
                requireSame("metadata", source.db(), out.db(), network);
                if (source.contentKey().isPresent() && out.contentKey().isPresent()) {
                    // Entries of other bytes of the same length are the same blocks.
                    List.of(source.blobs(), out.blobs()).forEach(blobs -> network.update(blobs, 0));
                    requireSame("blobs", source.blobs(), out.blobs(), network);
                }
                return null;
            } catch (EspalierException e) {
                if (e.code().equals("INCOMPATIBLE_SOURCE_AND_TARGET")) {
                    return e;
                }
                if (ABSENT.contains(e.code())) {
                    return null;
                }
                throw e;
            }
        }

        private void requireSame(String type, Log source, Log out, Network network) {
            long common = Math.min(source.length(), out.length());
            if (common > 0) {
                // The nodes of a tree come with its last block.
                LogFetch.range(source, common - 1, common, network, steps);
                LogFetch.range(out, common - 1, common, network, steps);
                new Prefix(type, source, source.head(), out, out.head()).check();
            }
        }

        private void lookAtWriting(Drive drive) throws IOException {
            if (drive.writable()) {
                return;
            }
            Manifest manifest = drive.db().manifest();
            boolean signed = line != null
                    ? line.kind() == ReleaseLine.Kind.MULTISIG
                    : manifest != null && manifest.signers().size() > 1;
            if (!signed) {
                findings.look(new NotWritable(link, store.folder(), line == null ? null : line.kind(), lines));
            }
        }
    }
}

package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells where each line of release stands (release specification §7). */
public final class LineStates {

    private LineStates() {}

    /**
     * Whose lines, and whom to ask.
     *
     * @param folder a folder in the project
     * @param rule how long to wait for seeders
     * @param network peers
     */
    public record Options(Path folder, SeedingRule rule, NetworkOptions network) {}

    /**
     * The newest commit to a line that several sign, made from this store.
     *
     * @param length length of production then
     * @param done whether it ended
     */
    public record Commit(long length, boolean done) {}

    /**
     * A line.
     *
     * @param name its name
     * @param kind how its releases are made
     * @param link where they are
     * @param upgrade where its builds update from
     * @param writable whether this store can stage or provision to it
     * @param verlink the newest version that is known
     * @param length its length; 0 when nothing is known of it
     * @param version version of its package.json; null when it is not known
     * @param seeders how many peers hold all of its entries and bytes; null when nobody was asked
     * @param lastCommit of this store; null when there is none
     */
    public record State(
            String name,
            ReleaseLine.Kind kind,
            Link link,
            Link upgrade,
            boolean writable,
            Link verlink,
            long length,
            @Nullable String version,
            @Nullable Integer seeders,
            @Nullable Commit lastCommit)
            implements Event {
        @Override
        public String tag() {
            return "line";
        }
    }

    /** How many lines there are, and where they stand written. */
    public record Result(Path file, int lines) {}

    static Result run(LogStore store, Options options, Steps steps) throws IOException {
        Path file = ReleaseLines.locate(options.folder());
        if (file == null) {
            throw new EspalierException(
                    "ERR_NOT_FOUND",
                    "There is no " + ReleaseLines.FILE + " in " + options.folder()
                            + " nor in any folder above it; begin one: espalier lines set staging LINK.");
        }
        ReleaseLines lines = ReleaseLines.read(file);
        Findings findings = new Findings(steps);
        findings.look(new LineRules(lines));
        try (Network network = Network.open(steps, store, options.network())) {
            for (ReleaseLine line : lines.all()) {
                steps.checkCancelled();
                tell(store, line, lines, network, options, steps, findings);
            }
        }
        return new Result(file, lines.all().size());
    }

    private static void tell(
            LogStore store,
            ReleaseLine line,
            ReleaseLines lines,
            Network network,
            Options options,
            Steps steps,
            Findings findings)
            throws IOException {
        Key key = line.link().requireDrive().key();
        Commit commit = commit(store, key);
        if (!store.contains(key) && !network.canAsk() && !options.network().expectsPeers()) {
            // Opening it would leave an empty log in the store.
            steps.emit(new State(
                    line.name(), line.kind(), line.link(), line.upgrade(), false, line.link(), 0, null, null, commit));
            return;
        }
        try (Drive drive = Drive.open(store, key)) {
            if (!drive.writable()) {
                network.update(drive.db(), 0);
            }
            PackageJson manifest = manifest(drive, network, options.network());
            steps.emit(new State(
                    line.name(),
                    line.kind(),
                    line.link(),
                    line.upgrade(),
                    drive.writable(),
                    Stage.verlink(drive),
                    drive.db().length(),
                    manifest == null ? null : manifest.version(),
                    seeders(store, drive, network, options.rule(), steps),
                    commit));
            if (manifest != null) {
                findings.look(UpgradeLink.of(manifest.upgrade(), line, lines));
            }
        }
    }

    private static @Nullable Commit commit(LogStore store, Key key) {
        return new MultisigRecords(store)
                .read().records().stream()
                        .filter(item -> item.key().equals(key))
                        .findFirst()
                        .map(item -> new Commit(item.length(), item.done()))
                        .orElse(null);
    }

    /** Null when there is none that can be had. */
    private static @Nullable PackageJson manifest(Drive drive, Network network, NetworkOptions options)
            throws IOException {
        if (drive.db().length() == 0) {
            return null;
        }
        Duration patience = options.timeout().isZero() ? NetworkOptions.DEFAULT_TIMEOUT : options.timeout();
        drive.blockTimeout(network.canAsk() ? patience : Duration.ZERO);
        try {
            return PackageJson.of(drive);
        } catch (EspalierException e) {
            if (e.code().equals("ERR_NOT_FOUND") || e.code().equals("ERR_TIMEOUT")) {
                return null;
            }
            throw e;
        }
    }

    private static @Nullable Integer seeders(
            LogStore store, Drive drive, Network network, SeedingRule rule, Steps steps) {
        if (!network.canAsk() || drive.db().length() == 0) {
            return null;
        }
        return new Seeders(store, steps, rule).fullCopies(drive, network);
    }
}

package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.Entry;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.SigningRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows a signer what he is asked to sign, and refuses to go on with what cannot become production (release specification
 * §4.4, §4.5).
 *
 * <p>The source is fetched and compared with the request, hash by hash; its {@code package.json} and what differs from
 * production are told. Nothing is signed here.
 */
public final class MultisigReview {

    private MultisigReview() {}

    /**
     * How to look.
     *
     * @param source key of the source
     * @param force whether a badly seeded source will do
     * @param rule when a log is well seeded
     * @param network where peers are
     */
    public record Options(@Nullable Key source, boolean force, SeedingRule rule, NetworkOptions network) {}

    /**
     * What the request says.
     *
     * @param kind {@code drive} or {@code core}
     * @param target link of production
     * @param fork fork that is signed
     * @param length blocks of the database, or of the log
     * @param treeHash its tree hash
     * @param blobsLength blocks of the bytes; null for a single log
     * @param blobsTreeHash their tree hash; null for a single log
     * @param quorum how many must sign
     * @param signers public keys of all who may
     */
    public record Asked(
            String kind,
            Link target,
            long fork,
            long length,
            Hash treeHash,
            @Nullable Long blobsLength,
            @Nullable Hash blobsTreeHash,
            int quorum,
            List<Key> signers)
            implements Event {

        static Asked of(SigningRequest request) {
            SigningRequest.Head blobs = request.blobs();
            return new Asked(
                    request.isDrive() ? "drive" : "core",
                    Link.of(request.key()),
                    request.fork(),
                    request.head().length(),
                    request.head().treeHash(),
                    blobs == null ? null : blobs.length(),
                    blobs == null ? null : blobs.treeHash(),
                    request.manifest().quorum(),
                    request.signers());
        }

        @Override
        public String tag() {
            return "request";
        }
    }

    /**
     * What the source is, its tree hashes being those of the request.
     *
     * @param source the version that is signed
     * @param production what is out now; length 0 when nothing is
     * @param version of its package.json; null when it does not say
     * @param upgrade link from which the application will update; null when it does not say
     * @param previousVersion version of production's package.json; null when nothing is out
     */
    public record Found(
            Link source,
            Link production,
            @Nullable String version,
            @Nullable String upgrade,
            @Nullable String previousVersion)
            implements Event {
        @Override
        public String tag() {
            return "source";
        }
    }

    /**
     * How it ended.
     *
     * @param target link of production
     * @param verified whether the source was looked at
     * @param changes files that differ from production; null when the source was not looked at
     */
    public record Result(
            Link target, boolean verified, @Nullable Long changes) {}

    /** Shows the request alone, without a store: what its hashes stand for stays unknown. */
    public static Operation<Result> alone(SigningRequest request) {
        return Operation.of(steps -> {
            steps.emit(Asked.of(request));
            return new Result(Link.of(request.key()), false, null);
        });
    }

    static Result run(LogStore store, SigningRequest request, Options options, Steps steps) throws IOException {
        steps.emit(Asked.of(request));
        Key key = options.source();
        Network.requireSomebody(store, key, options.network());
        Seeders seeders = new Seeders(store, steps, options.rule());
        try (Network network = Network.open(steps, store, options.network());
                MultisigPlan plan = MultisigPlan.open(store, key, request, network, seeders, steps)) {
            steps.emit(new MultisigCommit.Verifying(key, request.key()));
            plan.check(false, !options.force());
            long changes = request.isDrive() ? show(plan, request, options, steps) : 0;
            return new Result(Link.of(request.key()), true, changes);
        }
    }

    private static long show(MultisigPlan plan, SigningRequest request, Options options, Steps steps)
            throws IOException {
        Drive drive = plan.source().drive();
        if (!options.network().timeout().isZero()) {
            drive.blockTimeout(options.network().timeout());
        }
        long length = request.head().length();
        long out = plan.production().length();
        DriveCheckout asked = drive.checkout(length);
        // Production's blocks are the source's first ones: its files can be read there.
        DriveCheckout before = drive.checkout(out);
        JsonObject manifest = manifest(asked);
        JsonObject previous = out == 0 ? null : manifest(before);
        String upgrade = manifest == null ? null : Project.text(manifest, "upgrade");
        steps.emit(new Found(
                Link.of(drive.key(), 0, length),
                Link.of(request.key(), 0, out),
                manifest == null ? null : Project.text(manifest, "version"),
                upgrade,
                previous == null ? null : Project.text(previous, "version")));
        if (upgrade == null || !isLinkOf(upgrade, request.key())) {
            steps.emit(new Warning(
                    "OTHER_UPGRADE_LINK",
                    "The package.json " + (upgrade == null ? "has no upgrade link" : "upgrades from " + upgrade)
                            + ", not from " + Link.of(request.key())
                            + ": applications with this release will not update from production."));
        }
        long changes = 0;
        for (Drive.Change change : asked.diff(Math.max(1, out), "/")) {
            steps.checkCancelled();
            steps.emit(diff(change, asked));
            changes++;
        }
        return changes;
    }

    private static boolean isLinkOf(String text, Key key) {
        try {
            return Link.parseDrive(text).requireDrive().key().equals(key);
        } catch (EspalierException e) {
            return false;
        }
    }

    private static ByteDiff diff(Drive.Change change, DriveCheckout view) {
        Entry now = change.current();
        Entry other = change.other();
        if (now == null) {
            return ByteDiff.removed(change.path(), other == null ? 0 : view.size(other));
        }
        return other == null
                ? ByteDiff.added(change.path(), view.size(now))
                : ByteDiff.changed(change.path(), view.size(other), view.size(now));
    }

    private static @Nullable JsonObject manifest(DriveCheckout view) throws IOException {
        PackageJson manifest = PackageJson.of(view);
        return manifest == null ? null : manifest.json();
    }
}

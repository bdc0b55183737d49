package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.Responses;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes production what a quorum signed, or checks whether that can be done (release specification §4.5, §4.6).
 *
 * <p>The bytes of files are committed first, then the entries, each in one step: whatever happens in between, no entry
 * leads to bytes that are not there, and the same command goes on from where it was, here or on any other machine. Nothing
 * is written before every check has passed and both signatures hold.
 */
public final class MultisigCommit {

    private MultisigCommit() {}

    /**
     * How to commit.
     *
     * @param dryRun whether to check only; a quorum is not needed then
     * @param firstCommit whether production is said to be empty; where it is, that is found out, too
     * @param force whether badly seeded logs will do. That production is continued is always checked
     * @param rule when a log is well seeded
     * @param network where peers are
     */
    public record Options(
            boolean dryRun, boolean firstCommit, boolean force, SeedingRule rule, NetworkOptions network) {

        /** For real. */
        public static Options of(NetworkOptions network) {
            return new Options(false, false, false, SeedingRule.DEFAULT, network);
        }

        /** Checks only. */
        public Options dry() {
            return new Options(true, firstCommit, force, rule, network);
        }

        /** The same with another rule. */
        public Options withRule(SeedingRule other) {
            return new Options(dryRun, firstCommit, force, other, network);
        }

        /** The same, production being said to be empty. */
        public Options first() {
            return new Options(dryRun, true, force, rule, network);
        }
    }

    /** The checks begin. */
    public record Verifying(Key srcKey, Key dstKey) implements Event {
        @Override
        public String tag() {
            return "verify-committable-start";
        }
    }

    /** The checks of source and production passed; blocks are fetched and signatures assembled. */
    public record Committing(boolean dryRun) implements Event {
        @Override
        public String tag() {
            return "commit-start";
        }
    }

    /**
     * A log is what it shall be, durably.
     *
     * @param core {@code blobs}, {@code db} or {@code core}
     * @param key its key
     * @param length its length
     */
    public record Committed(String core, Key key, long length) implements Event {
        @Override
        public String tag() {
            return "committed";
        }
    }

    /** All is written; peers have not got it yet. */
    public record Waiting(boolean firstCommit, Key key, Link link) implements Event {
        @Override
        public String tag() {
            return "verify-committed-start";
        }
    }

    /** So many peers hold all of a log now. */
    public record Copies(String core, int full, int needed) implements Event {
        @Override
        public String tag() {
            return "seeders";
        }
    }

    /** How many signed: {@code amount} must, {@code total} did. */
    public record Quorum(int amount, int total) {}

    /** A log as it is. */
    public record Core(Key key, long length, Hash treeHash) {
        static Core of(Log log) {
            return new Core(log.key(), log.length(), log.treeHash());
        }
    }

    /**
     * What was, or would be, committed to a log.
     *
     * @param length its length
     * @param treeHash its tree hash
     * @param signature its signature field as z-base-32; null without a quorum
     */
    public record Batch(
            long length, Hash treeHash, @Nullable String signature) {}

    /** One log: what it is now, its source, what was committed. */
    public record Half(Core destCore, Core srcCore, Batch batch) {}

    /** Both logs of a drive; of a single log the bytes are null. */
    public record Halves(Half db, @Nullable Half blobs) {}

    /**
     * How it ended.
     *
     * @param dstKey key of production
     * @param link version of production after the commit, or that it would have
     * @param dryRun whether nothing was written
     * @param firstCommit whether nothing was released before
     * @param quorum how many signed
     * @param result both logs
     */
    public record Result(Key dstKey, Link link, boolean dryRun, boolean firstCommit, Quorum quorum, Halves result) {}

    static Result run(
            LogStore store,
            MultisigConfig config,
            SigningRequest request,
            List<SigningResponse> answers,
            Options options,
            Steps steps) {
        Key key = MultisigRequest.requireSource(config);
        config.requireSame(request);
        Responses responses = new Responses(request, answers);
        if (!options.dryRun()) {
            responses.requireQuorum();
        }
        Network.requireSomebody(store, key, options.network());
        Seeders seeders = new Seeders(store, steps, options.rule());
        try (Network network = Network.open(steps, store, options.network());
                MultisigPlan plan = MultisigPlan.open(store, key, request, network, seeders, steps)) {
            steps.emit(new Verifying(key, config.key()));
            plan.check(options.firstCommit(), !options.force());
            steps.emit(new Committing(options.dryRun()));
            List<byte[]> signatures = assemble(plan, responses);
            if (!options.dryRun()) {
                fetch(plan, network, steps);
                steps.checkCancelled();
                MultisigRecords records = new MultisigRecords(store);
                records.begin(request.key(), request.head().length());
                commit(plan, signatures, steps);
                if (!options.force()) {
                    await(plan, seeders, steps);
                }
                records.end(request.key(), request.head().length());
            }
            return result(plan, request, responses, signatures, options);
        }
    }

    /** The signatures of all logs, each checked over the source's tree; none without a quorum. */
    private static List<byte[]> assemble(MultisigPlan plan, Responses responses) {
        List<byte[]> signatures = new ArrayList<>();
        if (responses.isQuorum()) {
            for (int part = 0; part < plan.targets().size(); part++) {
                byte[] signature = responses.signature(part);
                plan.targets().get(part).requireSignature(signature);
                signatures.add(signature);
            }
        }
        return signatures;
    }

    private static void fetch(MultisigPlan plan, Network network, Steps steps) {
        for (MultisigTarget target : plan.targets()) {
            LogFetch.range(target.source(), target.firstMissing(), target.length(), network, steps);
        }
    }

    /** Bytes first, entries last; not to be stopped in between. */
    private static void commit(MultisigPlan plan, List<byte[]> signatures, Steps steps) {
        for (int part = plan.targets().size() - 1; part >= 0; part--) {
            MultisigTarget target = plan.targets().get(part);
            target.commit(signatures.get(part));
            target.fill();
            steps.emit(new Committed(
                    target.name(), target.log().key(), target.log().length()));
        }
    }

    /** Waits until enough others hold all of it. */
    private static void await(MultisigPlan plan, Seeders seeders, Steps steps) {
        Log db = plan.production();
        steps.emit(new Waiting(plan.isFirst(), db.key(), Link.of(db.key())));
        // What the source could not give: blocks of releases before, which production's own peers have.
        List<CompletableFuture<Void>> wishes = plan.targets().stream()
                .map(target -> target.log().download(0, target.log().length()))
                .toList();
        try {
            for (MultisigTarget target : plan.targets()) {
                seeders.awaitFullCopies(
                        target.log(), full -> steps.emit(new Copies(target.name(), full, seeders.needed())));
            }
        } catch (RuntimeException e) {
            if (steps.isCancelled()) {
                steps.emit(new Warning(
                        "NOT_SEEDED_YET",
                        "Production is committed here, but nobody else is known to have it yet: seed "
                                + Link.of(db.key()) + " on this machine, or commit again."));
            }
            throw e;
        } finally {
            wishes.forEach(wish -> wish.cancel(false));
        }
    }

    private static Result result(
            MultisigPlan plan, SigningRequest request, Responses responses, List<byte[]> signatures, Options options) {
        List<Half> halves = new ArrayList<>();
        for (int part = 0; part < plan.targets().size(); part++) {
            MultisigTarget target = plan.targets().get(part);
            String signature = signatures.isEmpty() ? null : ZBase32.encode(signatures.get(part));
            halves.add(new Half(
                    Core.of(target.log()),
                    Core.of(target.source()),
                    new Batch(target.length(), target.part().head().treeHash(), signature)));
        }
        return new Result(
                request.key(),
                Link.of(request.key(), 0, request.head().length()),
                options.dryRun(),
                plan.isFirst(),
                new Quorum(responses.required(), responses.obtained()),
                new Halves(halves.get(0), halves.size() > 1 ? halves.get(1) : null));
    }
}

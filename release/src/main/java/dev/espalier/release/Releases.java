package dev.espalier.release;

import dev.espalier.log.LogStore;
import dev.espalier.release.multisig.MultisigConfig;
import dev.espalier.release.multisig.SigningRequest;
import dev.espalier.release.multisig.SigningResponse;
import java.nio.file.Path;
import java.util.List;

/**
 * Operations of the release pipeline on the drives of a store.
 *
 * <pre>{@code
 * try (LogStore store = LogStore.open(folder)) {
 *     Releases releases = Releases.of(store);
 *     Link link = releases.touch().join().link();
 *     Stage.Result staged = releases.stage(link, Stage.Options.of(project))
 *             .onEvent(event -> System.out.println(event))
 *             .join();
 * }
 * }</pre>
 *
 * <p><b>Threading:</b> any number of operations may run at a time, each on its own thread. The store must stay open until
 * they ended.
 */
public final class Releases {

    private final LogStore store;

    private Releases(LogStore store) {
        this.store = store;
    }

    /** Operations on the drives of {@code store}, which stays the caller's. */
    public static Releases of(LogStore store) {
        return new Releases(store);
    }

    /** Makes a link. */
    public Operation<Touch.Result> touch() {
        return touch("");
    }

    /** Makes a link whose key begins with {@code prefix}, letters of z-base-32; each one makes it 32 times as long. */
    public Operation<Touch.Result> touch(String prefix) {
        return Operation.of(steps -> Touch.run(store, prefix, steps));
    }

    /** Brings a drive to what a folder holds. */
    public Operation<Stage.Result> stage(Link link, Stage.Options options) {
        return Operation.of(steps -> Stage.run(store, link, options, steps));
    }

    /** Makes of a staged drive one that can become production. */
    public Operation<Provision.Result> provision(Provision.Links links, Provision.Options options) {
        return Operation.of(steps -> Provision.run(store, links, options, steps));
    }

    /** Holds a drive and hands it to peers until cancelled; being cancelled is how it ends well. */
    public Operation<Seed.Result> seed(Link link, Seed.Options options) {
        return Operation.of(steps -> Seed.run(store, link, options, steps));
    }

    /** Writes what a link means to a folder. */
    public Operation<Dump.Result> dump(Link link, Dump.Options options) {
        return dump(link, options, (path, entry, bytes) -> {});
    }

    /** Writes what a link means to a folder, or hands it to {@code sink} when the options name no folder. */
    public Operation<Dump.Result> dump(Link link, Dump.Options options, Dump.Sink sink) {
        return Operation.of(steps -> Dump.run(store, link, options, sink, steps));
    }

    /** Makes a request that signers sign. */
    public Operation<MultisigRequest.Result> multisigRequest(MultisigConfig config, MultisigRequest.Options options) {
        return Operation.of(steps -> MultisigRequest.run(store, config, options, steps));
    }

    /** Shows a signer what he is asked to sign. */
    public Operation<MultisigReview.Result> multisigReview(SigningRequest request, MultisigReview.Options options) {
        return Operation.of(steps -> MultisigReview.run(store, request, options, steps));
    }

    /** Makes production what a quorum signed; cancelling it before all is written leaves everything as it was. */
    public Operation<MultisigCommit.Result> multisigCommit(
            MultisigConfig config,
            SigningRequest request,
            List<SigningResponse> responses,
            MultisigCommit.Options options) {
        return Operation.of(steps -> MultisigCommit.run(store, config, request, responses, options, steps));
    }

    /** Tells what was committed from this store. */
    public Operation<MultisigRecords.Result> multisigRecords() {
        return Operation.of(steps -> new MultisigRecords(store).read());
    }

    /** A warning for each commit that was begun from this store and has not ended. Reads a small file. */
    public List<Warning> unfinishedCommits() {
        return new MultisigRecords(store).warnings();
    }

    /** Tells what a link leads to. */
    public Operation<Info.Result> info(Link link, Info.Options options) {
        return Operation.of(steps -> Info.run(store, link, options, steps));
    }

    /** Answers why an application did not update. */
    public Operation<Diagnosis> why(Why.Options options) {
        return Operation.of(steps -> Why.run(store, options, steps));
    }

    /** Tells where each line of release stands. */
    public Operation<LineStates.Result> lines(LineStates.Options options) {
        return Operation.of(steps -> LineStates.run(store, options, steps));
    }

    /** Tells what a folder of a drive holds. */
    public Operation<DriveList.Result> list(Link link, DriveList.Options options) {
        return Operation.of(steps -> DriveList.run(store, link, options, steps));
    }

    /** Tells what changed from version to version, as the drive says. */
    public Operation<Changelog.Result> changelog(Link link, Changelog.Selection selection, NetworkOptions network) {
        return Operation.of(steps -> Changelog.run(store, link, selection, network, steps));
    }

    /** Tells which logs the store holds, those without a block only if {@code all}. */
    public Operation<Cores.Result> cores(boolean all) {
        return Operation.of(steps -> Cores.run(store, all, steps));
    }

    /** Gives up the blocks of a drive that is written elsewhere, to make room. */
    public Operation<FreeCores.Result> freeCores(Link link) {
        return Operation.of(steps -> FreeCores.run(store, link, steps));
    }

    /** Copies the store to a folder, as it is at one moment, while it is in use. */
    public Operation<Backup.Result> backup(Path target) {
        return Operation.of(steps -> Backup.run(store, target, steps));
    }

    /** Lets logs that were restored from a copy be written on. */
    public Operation<Recover.Result> recover(Recover.Options options) {
        return Operation.of(steps -> Recover.run(store, options, steps));
    }
}

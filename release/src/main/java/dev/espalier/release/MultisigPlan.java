package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.SigningRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Source and production of one request, and all checks before anything is signed or written (release specification
 * §4.5).
 *
 * <p>Design note: three states of production can be gone on from without asking its peers, who cannot know of them yet:
 * nothing was ever released; this request was committed; its bytes were, its entries not. What the quorum signed is the
 * same on whatever machine it is committed.
 *
 * <p><b>Threading:</b> belongs to the thread of the operation.
 */
final class MultisigPlan implements AutoCloseable {

    private final SigningRequest request;
    private final MultisigSource source;
    private final Network network;
    private final Seeders seeders;
    private final List<Log> opened = new ArrayList<>();
    private final List<MultisigTarget> targets = new ArrayList<>();
    private boolean first;

    private MultisigPlan(SigningRequest request, MultisigSource source, Network network, Seeders seeders) {
        this.request = request;
        this.source = source;
        this.network = network;
        this.seeders = seeders;
    }

    static MultisigPlan open(
            LogStore store, Key key, SigningRequest request, Network network, Seeders seeders, Steps steps) {
        MultisigPlan plan = new MultisigPlan(
                request, MultisigSource.open(store, key, request.isDrive(), network, seeders, steps), network, seeders);
        try {
            for (SigningRequest.Part part : request.parts()) {
                plan.opened.add(store.log(part.manifest()));
            }
            return plan;
        } catch (RuntimeException | Error e) {
            plan.close();
            throw e;
        }
    }

    MultisigSource source() {
        return source;
    }

    /** Production's logs, the database first; after {@link #check}. */
    List<MultisigTarget> targets() {
        return targets;
    }

    /** The log, or database, of production. */
    Log production() {
        return opened.get(0);
    }

    /** Whether nothing was ever released; after {@link #check}. */
    boolean isFirst() {
        return first;
    }

    /**
     * Does all checks.
     *
     * @param firstCommit whether production is said to be empty
     * @param seeded whether source and production must be well seeded
     * @throws EspalierException with the code of what is wrong
     */
    void check(boolean firstCommit, boolean seeded) {
        if (request.fork() != 0) {
            throw new EspalierException(
                    "INVALID_SIGNATURE",
                    "The request is for fork " + request.fork() + ", and production can only be at fork 0: a signature"
                            + " over it would never hold; never truncate a provision link.");
        }
        source.learn();
        for (Log log : opened) {
            network.update(log, 0);
        }
        Log db = source.db();
        addTarget(0, db);
        checkSource(targets.get(0));
        if (request.isDrive()) {
            long needed = source.learnBlobs(request.head().length());
            addTarget(1, source.drive().blobs());
            MultisigTarget blobs = targets.get(1);
            source.requireLength(blobs.source(), blobs.name(), blobs.length());
            if (needed != blobs.length()) {
                throw mismatch("The entries of the source need " + needed + " blocks of bytes, the request names "
                        + blobs.length() + ".");
            }
            checkSource(blobs);
        }
        targets.forEach(target -> target.requirePrefix(source));
        MultisigTarget head = targets.get(0);
        if (head.log().length() > head.length()) {
            throw new EspalierException(
                    "COMMIT_FAILED",
                    "The request is for " + head.length() + " blocks, and production has "
                            + head.log().length() + " already: it is an old one; make a new request.");
        }
        boolean resumed = isResumed();
        first = firstCommit || head.log().length() == 0;
        if (first && !resumed) {
            requireEmpty();
        }
        if (seeded) {
            targets.forEach(target -> source.requireSeeders(target.source(), target.name()));
            if (!first && !resumed) {
                targets.forEach(this::requireSeeded);
            }
        }
    }

    private void addTarget(int part, Log from) {
        targets.add(new MultisigTarget(request.parts().get(part), from, opened.get(part)));
    }

    private void checkSource(MultisigTarget target) {
        Log log = target.source();
        source.requireLength(log, target.name(), target.length());
        if (log.fork() != request.fork()) {
            throw mismatch("The source's " + target.name() + " is at fork " + log.fork() + ", the request is for fork "
                    + request.fork() + ": it was truncated since.");
        }
        if (!source.treeHash(log, target.length()).equals(target.part().head().treeHash())) {
            throw mismatch("The source's " + target.name() + " at length " + target.length()
                    + " has another tree hash than the request.");
        }
    }

    private static EspalierException mismatch(String why) {
        return new EspalierException(
                "SRC_KEY_MISMATCH", why + " It is another source, or it was rewritten; make a new request.");
    }

    /** Whether this very request was committed, all of it or its bytes, somewhere before. */
    private boolean isResumed() {
        MultisigTarget head = targets.get(0);
        if (head.isDone()) {
            return true;
        }
        if (targets.size() < 2) {
            return false;
        }
        MultisigTarget blobs = targets.get(1);
        return blobs.isDone() && blobs.length() > MultisigTarget.blobsInUse(source.drive(), head.log());
    }

    private void requireEmpty() {
        for (MultisigTarget target : targets) {
            if (target.log().length() > 0) {
                throw new EspalierException(
                        "TARGET_NOT_EMPTY",
                        "Production's " + target.name() + " has " + target.log().length()
                                + " blocks, so this is not its first commit; leave --first-commit out, or go on with the"
                                + " request that was begun.");
            }
        }
    }

    private void requireSeeded(MultisigTarget target) {
        if (!seeders.hasPeers(target.log())) {
            throw new EspalierException(
                    "TARGET_CORE_INSUFFICIENT_PEERS",
                    "Production's " + target.name() + " is not well seeded (" + seeders.peers(target.log()) + "/"
                            + seeders.needed() + " peers); seed production on more machines.");
        }
        if (!seeders.isFullySeeded(target.log())) {
            throw new EspalierException(
                    "TARGET_CORE_NOT_FULLY_SEEDED",
                    "Production's " + target.name() + " is not yet fully downloaded by sufficient seeders ("
                            + seeders.fullCopies(target.log()) + "/" + seeders.needed()
                            + "); wait, or seed production on more machines.");
        }
    }

    @Override
    public void close() {
        opened.forEach(Log::close);
        source.close();
    }
}

package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.log.LogReorg;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Reorg;
import dev.espalier.replicate.LogMessage.Sync;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log to a higher fork (replication specification §5.9). One peer at a time is asked; what was found out stays
 * when it goes, so that others can go on.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Reorgs {

    private final Log log;
    private @Nullable LogPeer working;
    /** The reorg that has begun. */
    private @Nullable LogReorg current;

    Reorgs(Log log) {
        this.log = log;
    }

    /** Whether the log can follow to this fork. */
    boolean possible(long fork) {
        return fork > log.fork();
    }

    /** What {@code peer} is to be asked now, and it alone; null for nothing. */
    synchronized @Nullable ProofRequest claim(LogPeer peer, Sync remote) {
        if (working != null || !possible(remote.fork())) {
            return null;
        }
        if (current != null && (current.fork() < remote.fork() || !current.isCurrent())) {
            current = null;
        }
        LogReorg begun = current;
        Reorg.Want want = begun == null ? null : begun.want();
        ProofRequest question;
        if (want == null) {
            // The whole tree, signed.
            question = new ProofRequest(
                    null, null, null, new ProofRequest.Upgrade(0, remote.length()), log.manifest() == null);
        } else {
            question = begun.fork() == remote.fork() ? ask(peer, want) : null;
        }
        if (question != null) {
            working = peer;
        }
        return question;
    }

    /** Asks for a path to any block wanted that the peer has. */
    private static @Nullable ProofRequest ask(LogPeer peer, Reorg.Want want) {
        long block = peer.remoteBlocks().nextPresent(want.start(), want.end());
        if (block >= want.end()) {
            peer.lacksKnowledgeOf(want.start(), want.end());
            peer.askKnowledge();
            return null;
        }
        return want.request(block);
    }

    /** Takes in an answer; false when it is of no use. */
    synchronized boolean answer(Proof proof) {
        LogReorg reorg = current;
        if (reorg == null) {
            if (proof.upgrade() == null) {
                return false;
            }
            reorg = log.reorg(proof);
        } else if (!reorg.update(proof)) {
            return false;
        }
        boolean found = reorg.want() == null;
        current = found ? null : reorg;
        return !found || reorg.apply();
    }

    /** Others may be asked; whether it was this peer that was. */
    synchronized boolean release(LogPeer peer) {
        boolean was = working == peer;
        if (was) {
            working = null;
        }
        return was;
    }
}

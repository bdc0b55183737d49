package dev.espalier.replicate;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.TreeNode;
import java.util.List;

/**
 * How long the other side's log is once it has taken in what was sent to it: blocks that are pushed come before its word
 * of earlier upgrades, and its requests cross them. An upgrade fits only where its start, or its end before the nodes
 * that go beyond it, is the length of the log that takes it in.
 *
 * <p><b>Threading:</b> the event loop of the connection.
 */
final class GivenLength {

    private long fork;
    private long length;
    /** Whether a part of that was not asked for. */
    private boolean pushed;

    /** Length that was given in this fork; 0 when none was. */
    long in(long currentFork) {
        return fork == currentFork ? length : 0;
    }

    /** Notes what goes out. */
    void sent(Proof proof, boolean push) {
        Proof.Upgrade upgrade = proof.upgrade();
        if (upgrade == null) {
            return;
        }
        if (fork != proof.fork()) {
            fork = proof.fork();
            length = 0;
            pushed = false;
        }
        List<TreeNode> additional = upgrade.additional();
        long end = additional.isEmpty()
                ? upgrade.start() + upgrade.length()
                : FlatTree.endBlock(additional.get(additional.size() - 1).index());
        length = Math.max(length, end);
        pushed |= push;
    }

    /** What to prove for a request that may have been made before the last push came in: such that both lengths fit. */
    ProofRequest fit(ProofRequest ask, long currentFork) {
        ProofRequest.Upgrade upgrade = ask.upgrade();
        long given = in(currentFork);
        if (upgrade == null || !pushed || upgrade.start() >= given || ask.seek() != null) {
            return ask;
        }
        long end = upgrade.start() + upgrade.length();
        long target = ask.block() != null
                ? ask.block().index() + 1
                : ask.hash() != null ? FlatTree.endBlock(ask.hash().index()) : 0;
        ProofRequest.Upgrade fitting = target <= given
                ? new ProofRequest.Upgrade(upgrade.start(), given - upgrade.start())
                : new ProofRequest.Upgrade(given, end - given);
        return new ProofRequest(ask.block(), ask.hash(), null, fitting, ask.manifest());
    }
}

package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.TreeHead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The byte positions of a log whose blocks are looked for (replication specification §5.8, seek).
 *
 * <p>A question names the subtree that is known to hold the byte, by the path from a leaf in it, and the byte. The path
 * alone halves the subtree at least; a peer that finds the byte answers the rest, too. One peer at a time is asked for each
 * position, another one when that is late.
 *
 * <p><b>Threading:</b> any thread; no lock is held while a future completes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what follows a future's end is all there is to do
final class Seeks {

    /** Two leaves' sizes are proven by their blocks only: looking for nodes ends there. */
    private static final int ENOUGH_BLOCKS = 2;

    /** A position that is looked for. */
    static final class Wish {

        private final long position;
        private final int padding;
        private final CompletableFuture<Void> future = new CompletableFuture<>();
        private Demand.@Nullable Claimant asked;
        /** Peers that were asked and have not answered in time. */
        private final List<Demand.Claimant> late = new ArrayList<>(0);

        private Wish(long position, int padding) {
            this.position = position;
            this.padding = padding;
        }
    }

    /**
     * What a peer is to be asked.
     *
     * @param block a block below {@code node} that the peer has
     * @param node flat index of the subtree that holds the byte
     */
    record Question(Wish wish, long block, long node) {

        /** The request, with the byte if the peer understands that. */
        ProofRequest ask(boolean seeks) {
            return new ProofRequest(
                    null,
                    new ProofRequest.Node(2 * block, FlatTree.depth(node)),
                    seeks ? new ProofRequest.Seek(wish.position, wish.padding) : null,
                    null,
                    false);
        }
    }

    private final Log log;
    private final List<Wish> wishes = new ArrayList<>();
    private volatile boolean any;

    Seeks(Log log) {
        this.log = log;
    }

    /** Looks for the byte at {@code position}; completes when it is known in which two blocks at most it is. */
    CompletableFuture<Void> add(long position, int padding) {
        Wish wish = new Wish(position, padding);
        synchronized (this) {
            wishes.add(wish);
            any = true;
        }
        wish.future.whenComplete((nothing, failure) -> {
            synchronized (this) {
                wishes.remove(wish);
                any = !wishes.isEmpty();
            }
        });
        settle();
        return wish.future;
    }

    /** A question for {@code peer}, which is asked alone for that position; null when there is none. */
    @Nullable
    Question claim(Demand.Claimant peer, long limit) {
        if (!any) {
            return null;
        }
        synchronized (this) {
            for (Wish wish : wishes) {
                if (wish.asked != null || wish.late.contains(peer)) {
                    continue;
                }
                ByteOffsets.Position found = find(wish);
                if (found == null || enough(found)) {
                    continue;
                }
                long end = Math.min(limit, found.endBlock());
                long block = peer.remoteBlocks().nextPresent(found.firstBlock(), end);
                if (block < end) {
                    wish.asked = peer;
                    return new Question(wish, block, found.node());
                }
                peer.lacksKnowledgeOf(found.firstBlock(), end);
            }
        }
        return null;
    }

    /** The peer is not asked any more. */
    synchronized void release(Demand.Claimant peer, Wish wish) {
        if (wish.asked == peer) {
            wish.asked = null;
        } else {
            wish.late.remove(peer);
        }
    }

    /** The peer has not answered in time: others may be asked. */
    synchronized void overdue(Demand.Claimant peer, Wish wish) {
        if (wish.asked == peer) {
            wish.asked = null;
            wish.late.add(peer);
        }
    }

    /** Forgets a peer; whether it was asked for anything. */
    synchronized boolean releaseAll(Demand.Claimant peer) {
        boolean was = false;
        for (Wish wish : wishes) {
            was |= wish.asked == peer;
            release(peer, wish);
        }
        return was;
    }

    /** Completes what is found, or is not in the log any more. */
    void settle() {
        if (!any) {
            return;
        }
        List<Wish> done = new ArrayList<>();
        synchronized (this) {
            for (Wish wish : wishes) {
                ByteOffsets.Position found = find(wish);
                if (found == null || enough(found)) {
                    done.add(wish);
                }
            }
        }
        done.forEach(wish -> wish.future.complete(null));
    }

    /** Nobody can answer any more. */
    void failAll(EspalierException failure) {
        List<Wish> failed;
        synchronized (this) {
            failed = List.copyOf(wishes);
        }
        failed.forEach(wish -> wish.future.completeExceptionally(failure));
    }

    private static boolean enough(ByteOffsets.Position found) {
        return found.isBlock() || found.endBlock() - found.firstBlock() <= ENOUGH_BLOCKS;
    }

    private ByteOffsets.@Nullable Position find(Wish wish) {
        TreeHead head = log.head();
        return new ByteOffsets(log.nodes(), head, wish.padding).seek(wish.position);
    }
}

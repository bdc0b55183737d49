package dev.espalier.replicate;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of one log, and which peer was asked for it: the one thing that the peers of a log share.
 *
 * <p>A block is claimed by the peer that asks for it, so that no other peer does; a claim ends when the block is stored,
 * given back, or not answered in time: then another peer may claim it as well, and whichever answers first wins. A peer
 * that finds nothing else to ask for takes over what a much slower one has not answered. Single blocks come before
 * selections. Of a selection each peer takes stretches of neighbours, because those share their proofs, from a place of
 * its own on, and first what few peers have; unless it is to be taken in order.
 *
 * <p><b>Threading:</b> any thread; no lock is held while a future completes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what follows a future's end is all there is to do
final class Demand {

    /** A peer as far as claiming goes. */
    interface Claimant {

        /** What the peer is known to have. */
        RemoteBlocks remoteBlocks();

        /**
         * Wanted, but the peer did not say whether it has it. Called with the lock held: note it, no more. Whether others
         * than those of this region can be noted.
         */
        boolean lacksKnowledgeOf(long index);

        /** The same of a whole range. */
        default void lacksKnowledgeOf(long start, long end) {
            long index = start;
            while (index < end && lacksKnowledgeOf(index)) {
                index = nextRegion(index);
            }
        }

        /** Time within which the peer will answer a request that is sent now, most likely. Any thread. */
        long expectedNanos();

        /** Blocks that were asked from the peer are not needed from it any more. Any thread. */
        void unneeded(Set<Long> indexes);
    }

    /** A block that a peer was asked for, and when its answer is expected. */
    private record Claim(Claimant peer, long expectedAt) {}

    /** An answer that takes this much longer than another peer's would is not waited for. */
    private static final long SLOWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final double GOLDEN = 0.6180339887498949;

    /** Neighbours that one peer is asked for, before it is considered what is rare. */
    private static final int STRETCH = 64;

    /** First block of the next region: what a peer has is asked for by regions. */
    private static long nextRegion(long index) {
        return (index / RemoteWants.MAX_LENGTH + 1) * RemoteWants.MAX_LENGTH;
    }

    /** Places that are compared to find what is rare, and most peers that are looked at for each. */
    private static final int PLACES = 8;

    private static final int MOST_HOLDERS = 16;

    private final Log log;
    private final LongSupplier clock;
    private final LinkedHashMap<Long, List<CompletableFuture<Void>>> blocks = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Boolean> unclaimed = new LinkedHashMap<>();
    /** Unclaimed blocks that one peer may claim before others. */
    private final Map<Long, Claimant> reserved = new HashMap<>();

    private final List<Selection> selections = new ArrayList<>();
    private final Map<Long, Claim> claims = new HashMap<>();
    /** Peers that were asked for a block and have not answered in time; they still may. */
    private final Map<Long, List<Claimant>> late = new HashMap<>();

    /** What is wanted of {@code log}, with a clock in nanoseconds. */
    Demand(Log log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
    }

    // ---- wishes

    /** Wants one block; only {@code first}, if there is one, may claim it until {@link #open}. */
    CompletableFuture<Void> block(long index, @Nullable Claimant first) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        synchronized (this) {
            blocks.computeIfAbsent(index, key -> new ArrayList<>(1)).add(future);
            if (!claims.containsKey(index)) {
                unclaimed.put(index, true);
                if (first != null) {
                    reserved.put(index, first);
                }
            }
        }
        future.whenComplete((nothing, failure) -> {
            if (future.isCancelled()) {
                withdraw(index, future).forEach(Claimant::unneeded);
            }
        });
        // Asked only now: had it been stored in between, nobody would tell.
        if (log.has(index)) {
            stored(index, 1);
        }
        return future;
    }

    /** Anybody may claim this block; whether there is anything to claim. */
    synchronized boolean open(long index) {
        reserved.remove(index);
        return unclaimed.containsKey(index);
    }

    /** Wants some blocks. */
    CompletableFuture<Void> blocks(Blocks wanted) {
        Selection wish = new Selection(wanted);
        synchronized (this) {
            selections.add(wish);
        }
        wish.future.whenComplete((nothing, failure) -> {
            if (wish.future.isCancelled()) {
                withdraw(wish).forEach(Claimant::unneeded);
            }
        });
        settleSelections();
        return wish.future;
    }

    /** Whether anything is wanted. */
    synchronized boolean pending() {
        return !blocks.isEmpty() || !selections.isEmpty() || !claims.isEmpty();
    }

    /** Whether {@code index} is wanted by somebody. */
    synchronized boolean wants(long index) {
        if (blocks.containsKey(index)) {
            return true;
        }
        for (Selection selection : selections) {
            if (selection.wanted.contains(index)) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody waits for just this block. */
    synchronized boolean wantsSingle(long index) {
        return blocks.containsKey(index);
    }

    /** Takes a wish for a block back; the peers that need not answer any more. */
    private synchronized Map<Claimant, Set<Long>> withdraw(long index, CompletableFuture<Void> future) {
        List<CompletableFuture<Void>> waiting = blocks.get(index);
        if (waiting == null || !waiting.removeIf(one -> one == future) || !waiting.isEmpty()) {
            return Map.of();
        }
        blocks.remove(index);
        unclaimed.remove(index);
        Map<Claimant, Set<Long>> unneeded = new HashMap<>();
        if (!wants(index)) {
            addAsked(index, unneeded);
        }
        return unneeded;
    }

    private synchronized Map<Claimant, Set<Long>> withdraw(Selection selection) {
        selections.remove(selection);
        Set<Long> claimed = new HashSet<>(claims.keySet());
        claimed.addAll(late.keySet());
        Map<Claimant, Set<Long>> unneeded = new HashMap<>();
        for (Long index : claimed) {
            if (!wants(index)) {
                addAsked(index, unneeded);
            }
        }
        return unneeded;
    }

    // ---- claims

    /** Takes a block below {@code limit} for {@code peer} to ask for; -1 when there is none it has. */
    synchronized long claim(Claimant peer, long limit) {
        RemoteBlocks remote = peer.remoteBlocks();
        for (Long index : unclaimed.keySet()) {
            if (index < limit && !isLate(peer, index) && reserved.getOrDefault(index, peer) == peer) {
                if (remote.has(index)) {
                    unclaimed.remove(index);
                    return claimed(peer, index);
                }
                peer.lacksKnowledgeOf(index);
            }
        }
        for (Selection selection : selections) {
            long found = selection.next(peer, remote, Math.min(selection.wanted.end(), limit));
            if (found >= 0) {
                return claimed(peer, found);
            }
        }
        return takeOver(peer, remote, limit);
    }

    private long claimed(Claimant peer, long index) {
        claims.put(index, new Claim(peer, clock.getAsLong() + peer.expectedNanos()));
        return index;
    }

    /** Claims what a much slower peer was asked for; -1 when there is no such block. */
    private long takeOver(Claimant peer, RemoteBlocks remote, long limit) {
        long waited = clock.getAsLong() + 2 * peer.expectedNanos() + SLOWER_NANOS;
        for (Map.Entry<Long, Claim> entry : claims.entrySet()) {
            long index = entry.getKey();
            Claim claim = entry.getValue();
            if (claim.peer != peer
                    && claim.expectedAt - waited > 0
                    && index < limit
                    && !isLate(peer, index)
                    && remote.has(index)) {
                late.computeIfAbsent(index, key -> new ArrayList<>(1)).add(claim.peer);
                return claimed(peer, index);
            }
        }
        return -1;
    }

    private boolean isLate(Claimant peer, long index) {
        List<Claimant> slow = late.get(index);
        return slow != null && slow.contains(peer);
    }

    /** {@code peer} has not answered in time: others may be asked as well. */
    synchronized void overdue(Claimant peer, long index) {
        if (unclaim(peer, index)) {
            late.computeIfAbsent(index, key -> new ArrayList<>(1)).add(peer);
            released(index);
        }
    }

    /** Gives back what {@code peer} claimed. */
    synchronized void release(Claimant peer, long index) {
        if (unclaim(peer, index) || unlate(peer, index)) {
            released(index);
        }
    }

    /** Gives back all that {@code peer} claimed, for good; whether there was anything. */
    synchronized boolean releaseAll(Claimant peer) {
        List<Long> held = new ArrayList<>();
        claims.forEach((index, claim) -> {
            if (claim.peer == peer) {
                held.add(index);
            }
        });
        for (Long index : held) {
            claims.remove(index);
            released(index);
        }
        for (Long index : List.copyOf(late.keySet())) {
            unlate(peer, index);
        }
        reserved.values().removeIf(first -> first == peer);
        for (Selection selection : selections) {
            selection.cursors.remove(peer);
        }
        return !held.isEmpty();
    }

    private boolean unclaim(Claimant peer, long index) {
        Claim claim = claims.get(index);
        if (claim == null || claim.peer != peer) {
            return false;
        }
        claims.remove(index);
        return true;
    }

    private boolean unlate(Claimant peer, long index) {
        List<Claimant> slow = late.get(index);
        if (slow == null || !slow.remove(peer)) {
            return false;
        }
        if (slow.isEmpty()) {
            late.remove(index);
        }
        return true;
    }

    /** A peer less was asked for a block; another one may be, unless one is. */
    private void released(long index) {
        if (claims.containsKey(index)) {
            return;
        }
        if (blocks.containsKey(index)) {
            unclaimed.put(index, true);
        }
        for (Selection selection : selections) {
            selection.cursors.replaceAll((peer, cursor) -> Math.min(cursor, Math.max(index, selection.low)));
        }
    }

    /** Adds the peers that were asked for a block and have not answered. */
    private void addAsked(long index, Map<Claimant, Set<Long>> peers) {
        for (Claimant peer : late.getOrDefault(index, List.of())) {
            peers.computeIfAbsent(peer, key -> new HashSet<>()).add(index);
        }
        Claim claim = claims.get(index);
        if (claim != null) {
            peers.computeIfAbsent(claim.peer, key -> new HashSet<>()).add(index);
        }
    }

    // ---- what became of the log

    /** Blocks arrived in the log, from wherever. */
    void stored(long start, long count) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        Map<Claimant, Set<Long>> unneeded = new HashMap<>(0);
        synchronized (this) {
            if (count > blocks.size() + claims.size() + late.size()) {
                List<Long> wished = new ArrayList<>(blocks.keySet());
                wished.addAll(claims.keySet());
                wished.addAll(late.keySet());
                for (Long index : wished) {
                    if (index >= start && index - start < count) {
                        fulfil(index, done, unneeded);
                    }
                }
            } else {
                for (long index = start; index < start + count; index++) {
                    fulfil(index, done, unneeded);
                }
            }
        }
        unneeded.forEach(Claimant::unneeded);
        done.forEach(future -> future.complete(null));
        settleSelections();
    }

    private void fulfil(long index, Collection<CompletableFuture<Void>> done, Map<Claimant, Set<Long>> unneeded) {
        if (late.containsKey(index)) {
            // One of them has just answered and does not mind.
            addAsked(index, unneeded);
            late.remove(index);
        }
        claims.remove(index);
        unclaimed.remove(index);
        List<CompletableFuture<Void>> waiting = blocks.remove(index);
        if (waiting != null) {
            done.addAll(waiting);
        }
    }

    /** The log was cut: what was claimed beyond is free again once it grows, and selections look there again. */
    synchronized void truncated(long length) {
        claims.keySet().removeIf(index -> index >= length);
        late.keySet().removeIf(index -> index >= length);
        for (Long index : blocks.keySet()) {
            if (index >= length) {
                unclaimed.put(index, true);
            }
        }
        for (Selection selection : selections) {
            selection.low = Math.max(selection.wanted.start(), Math.min(selection.low, length));
            selection.cursors.clear();
        }
    }

    /** Nobody can fulfil anything any more. */
    void failAll(EspalierException failure) {
        List<CompletableFuture<Void>> failed = new ArrayList<>();
        synchronized (this) {
            blocks.values().forEach(failed::addAll);
            selections.forEach(selection -> failed.add(selection.future));
            blocks.clear();
            unclaimed.clear();
            selections.clear();
        }
        failed.forEach(future -> future.completeExceptionally(failure));
    }

    /** Completes the selections that are there now. */
    private void settleSelections() {
        List<Selection> done = null;
        synchronized (this) {
            for (Selection selection : selections) {
                if (selection.settled()) {
                    if (done == null) {
                        done = new ArrayList<>();
                    }
                    done.add(selection);
                }
            }
            if (done != null) {
                selections.removeAll(done);
            }
        }
        if (done != null) {
            done.forEach(selection -> selection.future.complete(null));
        }
    }

    /** Some blocks that are wanted. */
    private final class Selection {

        final Blocks wanted;
        final CompletableFuture<Void> future = new CompletableFuture<>();
        /** Where each peer goes on looking. */
        final Map<Claimant, Long> cursors = new HashMap<>();
        /** All that is wanted before is held. */
        long low;

        private int places;

        Selection(Blocks wanted) {
            this.wanted = wanted;
            this.low = wanted.start();
        }

        boolean settled() {
            low = nextLacking(low, Math.min(wanted.end(), log.length()));
            return low >= wanted.end();
        }

        /** The first block from {@code from} on that is wanted and not held; {@code limit} or more when there is none. */
        private long nextLacking(long from, long limit) {
            long index = wanted.next(from);
            while (index < limit) {
                long absent = log.nextAbsent(index, limit);
                if (absent == index) {
                    return index;
                }
                index = wanted.next(absent);
            }
            return index;
        }

        long next(Claimant peer, RemoteBlocks remote, long limit) {
            if (low >= limit) {
                return -1;
            }
            long from = low;
            if (!wanted.isLinear()) {
                Long cursor = cursors.get(peer);
                from = cursor == null ? place(cursors.size(), limit) : Math.max(low, cursor);
            }
            long found = scan(peer, remote, from, limit);
            if (found < 0 && from > low) {
                found = scan(peer, remote, low, Math.min(from, limit));
            }
            boolean newStretch = found >= 0 && (found != from || found % STRETCH == 0);
            if (newStretch && !wanted.isLinear() && cursors.size() > 1) {
                found = rarest(peer, remote, found, limit);
            }
            cursors.put(peer, found < 0 ? limit : found + 1);
            return found;
        }

        /** Some place, another one for each number. */
        private long place(int number, long limit) {
            double part = number * GOLDEN;
            return low + (long) ((part - Math.floor(part)) * (limit - low));
        }

        /** What the fewest peers have among a few places; {@code first} if nothing is rarer. */
        private long rarest(Claimant peer, RemoteBlocks remote, long first, long limit) {
            long best = first;
            int fewest = holders(first);
            for (int i = 0; i < PLACES && fewest > 1; i++) {
                long place = place(++places, limit);
                long found = scan(peer, remote, Math.max(low, place - place % STRETCH), limit);
                int holders = found < 0 ? Integer.MAX_VALUE : holders(found);
                if (holders < fewest) {
                    best = found;
                    fewest = holders;
                }
            }
            return best;
        }

        private int holders(long index) {
            int holders = 0;
            int looked = 0;
            for (Claimant peer : cursors.keySet()) {
                holders += peer.remoteBlocks().has(index) ? 1 : 0;
                if (++looked == MOST_HOLDERS) {
                    break;
                }
            }
            return holders;
        }

        /** Of what is wanted from {@code from} on, nothing is known: it may lie in several regions. */
        private void lacksKnowledge(Claimant peer, long from, long end) {
            long index = from;
            while (index < end && peer.lacksKnowledgeOf(index)) {
                index = nextLacking(nextRegion(index), end);
            }
        }

        private long scan(Claimant peer, RemoteBlocks remote, long from, long limit) {
            long index = from;
            while (true) {
                index = nextLacking(index, limit);
                if (index >= limit) {
                    return -1;
                }
                long present = remote.nextPresent(index, limit);
                lacksKnowledge(peer, index, Math.min(present, limit));
                if (present >= limit) {
                    return -1;
                }
                if (present == index) {
                    if (!claims.containsKey(index) && !isLate(peer, index)) {
                        return index;
                    }
                    index++;
                } else {
                    index = present;
                }
            }
        }
    }
}

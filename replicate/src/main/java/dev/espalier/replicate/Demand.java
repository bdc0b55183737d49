package dev.espalier.replicate;

import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of one log, and which peer was asked for it: the one thing that the peers of a log share.
 *
 * <p>A block is claimed by the peer that asks for it, so that no other peer does; a claim ends when the block is stored
 * or given back. Single blocks come before ranges. Each peer takes a range from a place of its own on, in order, because
 * neighbours share their proofs.
 *
 * <p><b>Threading:</b> any thread; no lock is held while a future completes.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what follows a future's end is all there is to do
final class Demand {

    /** A peer as far as claiming goes. */
    interface Claimant {

        /** What the peer is known to have. */
        RemoteBlocks remoteBlocks();

        /** Wanted, but the peer did not say whether it has it. Called with the lock held: note it, no more. */
        void lacksKnowledgeOf(long index);
    }

    private static final double GOLDEN = 0.6180339887498949;

    private final Log log;
    private final LinkedHashMap<Long, List<CompletableFuture<Void>>> blocks = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Boolean> unclaimed = new LinkedHashMap<>();
    private final List<RangeWish> ranges = new ArrayList<>();
    private final Map<Long, Claimant> claims = new HashMap<>();

    Demand(Log log) {
        this.log = log;
    }

    /** Wants one block. */
    CompletableFuture<Void> block(long index, Consumer<Long> withdrawn) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        synchronized (this) {
            blocks.computeIfAbsent(index, key -> new ArrayList<>(1)).add(future);
            if (!claims.containsKey(index)) {
                unclaimed.put(index, true);
            }
        }
        future.whenComplete((nothing, failure) -> {
            if (future.isCancelled() && withdraw(index, future)) {
                withdrawn.accept(index);
            }
        });
        // Asked only now: had it been stored in between, nobody would tell.
        if (log.has(index)) {
            stored(index, 1);
        }
        return future;
    }

    /** Wants a range; {@link Long#MAX_VALUE} as its end follows the log. */
    CompletableFuture<Void> range(long start, long end) {
        RangeWish wish = new RangeWish(start, end);
        synchronized (this) {
            ranges.add(wish);
        }
        wish.future.whenComplete((nothing, failure) -> {
            if (wish.future.isCancelled()) {
                synchronized (this) {
                    ranges.remove(wish);
                }
            }
        });
        settleRanges();
        return wish.future;
    }

    /** Whether anything is wanted. */
    synchronized boolean pending() {
        return !blocks.isEmpty() || !ranges.isEmpty() || !claims.isEmpty();
    }

    /** Takes a block below {@code limit} for {@code peer} to ask for; -1 when there is none it has. */
    synchronized long claim(Claimant peer, long limit) {
        RemoteBlocks remote = peer.remoteBlocks();
        for (Long index : unclaimed.keySet()) {
            if (index < limit) {
                if (remote.has(index)) {
                    unclaimed.remove(index);
                    claims.put(index, peer);
                    return index;
                }
                peer.lacksKnowledgeOf(index);
            }
        }
        for (RangeWish range : ranges) {
            long found = range.next(peer, remote, Math.min(range.end, limit));
            if (found >= 0) {
                claims.put(found, peer);
                return found;
            }
        }
        return -1;
    }

    /** Whether {@code index} is wanted by somebody. */
    synchronized boolean wants(long index) {
        if (blocks.containsKey(index)) {
            return true;
        }
        for (RangeWish range : ranges) {
            if (range.start <= index && index < range.end) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody waits for just this block. */
    synchronized boolean wantsSingle(long index) {
        return blocks.containsKey(index);
    }

    /** Gives back what {@code peer} claimed. */
    synchronized void release(Claimant peer, long index) {
        if (claims.remove(index, peer)) {
            released(index);
        }
    }

    /** Gives back all that {@code peer} claimed, for good; whether there was anything. */
    synchronized boolean releaseAll(Claimant peer) {
        List<Long> held = new ArrayList<>();
        claims.forEach((index, claimant) -> {
            if (claimant == peer) {
                held.add(index);
            }
        });
        for (Long index : held) {
            claims.remove(index);
            released(index);
        }
        for (RangeWish range : ranges) {
            range.cursors.remove(peer);
        }
        return !held.isEmpty();
    }

    /** The peer that was asked for a block. */
    synchronized @Nullable Claimant claimant(long index) {
        return claims.get(index);
    }

    /** Blocks arrived in the log, from wherever. */
    void stored(long start, long count) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        synchronized (this) {
            if (count > blocks.size() + claims.size()) {
                List<Long> wished = new ArrayList<>(blocks.keySet());
                wished.addAll(claims.keySet());
                for (Long index : wished) {
                    if (index >= start && index - start < count) {
                        fulfil(index, done);
                    }
                }
            } else {
                for (long index = start; index < start + count; index++) {
                    fulfil(index, done);
                }
            }
        }
        done.forEach(future -> future.complete(null));
        settleRanges();
    }

    /** The log was cut: what was claimed beyond is free again once it grows, and ranges look there again. */
    synchronized void truncated(long length) {
        claims.keySet().removeIf(index -> index >= length);
        for (Long index : blocks.keySet()) {
            if (index >= length) {
                unclaimed.put(index, true);
            }
        }
        for (RangeWish range : ranges) {
            range.low = Math.max(range.start, Math.min(range.low, length));
            range.cursors.clear();
        }
    }

    /** Nobody can fulfil anything any more. */
    void failAll(EspalierException failure) {
        List<CompletableFuture<Void>> failed = new ArrayList<>();
        synchronized (this) {
            blocks.values().forEach(failed::addAll);
            ranges.forEach(range -> failed.add(range.future));
            blocks.clear();
            unclaimed.clear();
            ranges.clear();
        }
        failed.forEach(future -> future.completeExceptionally(failure));
    }

    private void fulfil(long index, Collection<CompletableFuture<Void>> done) {
        claims.remove(index);
        unclaimed.remove(index);
        List<CompletableFuture<Void>> waiting = blocks.remove(index);
        if (waiting != null) {
            done.addAll(waiting);
        }
    }

    private void released(long index) {
        if (blocks.containsKey(index)) {
            unclaimed.put(index, true);
        }
        for (RangeWish range : ranges) {
            range.cursors.replaceAll((peer, cursor) -> Math.min(cursor, Math.max(index, range.low)));
        }
    }

    private synchronized boolean withdraw(long index, CompletableFuture<Void> future) {
        List<CompletableFuture<Void>> waiting = blocks.get(index);
        if (waiting == null || !waiting.removeIf(one -> one == future) || !waiting.isEmpty()) {
            return false;
        }
        blocks.remove(index);
        unclaimed.remove(index);
        return !wants(index);
    }

    /** Completes the ranges that are there now. */
    private void settleRanges() {
        List<RangeWish> done = null;
        synchronized (this) {
            for (RangeWish range : ranges) {
                if (range.settled()) {
                    if (done == null) {
                        done = new ArrayList<>();
                    }
                    done.add(range);
                }
            }
            if (done != null) {
                ranges.removeAll(done);
            }
        }
        if (done != null) {
            done.forEach(range -> range.future.complete(null));
        }
    }

    /** A wanted range. */
    private final class RangeWish {

        final long start;
        final long end;
        final CompletableFuture<Void> future = new CompletableFuture<>();
        /** Where each peer goes on looking. */
        final Map<Claimant, Long> cursors = new HashMap<>();
        /** Everything from start to here is held. */
        long low;

        RangeWish(long start, long end) {
            this.start = start;
            this.end = end;
            this.low = start;
        }

        boolean settled() {
            low = log.nextAbsent(low, Math.min(end, Math.max(low, log.length())));
            return low >= end;
        }

        long next(Claimant peer, RemoteBlocks remote, long limit) {
            if (low >= limit) {
                return -1;
            }
            Long cursor = cursors.get(peer);
            if (cursor == null) {
                double place = cursors.size() * GOLDEN;
                cursor = low + (long) ((place - Math.floor(place)) * (limit - low));
            }
            long from = Math.max(low, cursor);
            long found = scan(peer, remote, from, limit);
            if (found < 0 && from > low) {
                found = scan(peer, remote, low, Math.min(from, limit));
            }
            cursors.put(peer, found < 0 ? limit : found + 1);
            return found;
        }

        private long scan(Claimant peer, RemoteBlocks remote, long from, long limit) {
            long index = from;
            while (true) {
                index = log.nextAbsent(index, limit);
                if (index >= limit) {
                    return -1;
                }
                long present = remote.nextPresent(index, limit);
                if (present > index) {
                    peer.lacksKnowledgeOf(index);
                }
                if (present >= limit) {
                    return -1;
                }
                if (present == index) {
                    if (!claims.containsKey(index)) {
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

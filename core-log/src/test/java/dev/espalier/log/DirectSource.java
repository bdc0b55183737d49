package dev.espalier.log;

import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.ProofRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A peer in the same process: answers at once from one log, or when told to. */
final class DirectSource implements BlockSource {

    private final Log from;
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;
    int seeks;

    DirectSource(Log from) {
        this.from = from;
    }

    /** Keeps answers back until {@link #answer}. */
    DirectSource hold() {
        holding = true;
        return this;
    }

    int waiting() {
        return held.size();
    }

    void answer() {
        List<Runnable> now = List.copyOf(held);
        held.clear();
        now.forEach(Runnable::run);
    }

    private <T> CompletableFuture<T> later(CompletableFuture<T> future, Runnable work) {
        Runnable guarded = () -> {
            if (future.isCancelled()) {
                return;
            }
            try {
                work.run();
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        };
        if (holding) {
            held.add(guarded);
        } else {
            guarded.run();
        }
        return future;
    }

    @Override
    public boolean canAsk() {
        return true;
    }

    @Override
    public CompletableFuture<Void> block(Log log, long index) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        return later(future, () -> {
            log.apply(SparseLogTest.fetch(from, log, index));
            future.complete(null);
        });
    }

    @Override
    public CompletableFuture<Void> blocks(Log log, Blocks blocks) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        return later(future, () -> {
            long end = Math.min(blocks.end(), log.length());
            for (long block = blocks.start(); block < end; block = blocks.next(block + 1)) {
                log.apply(SparseLogTest.fetch(from, log, block));
            }
            future.complete(null);
        });
    }

    /** Asks by the path of the first block that may hold the byte. */
    @Override
    public CompletableFuture<Void> seek(Log log, long position, int padding) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        return later(future, () -> {
            ByteOffsets.Position found = new ByteOffsets(log.nodes(), log.head(), padding).seek(position);
            log.apply(from.prove(new ProofRequest(
                    null,
                    new ProofRequest.Node(2 * found.firstBlock(), FlatTree.depth(found.node())),
                    new ProofRequest.Seek(position, padding),
                    null,
                    false)));
            seeks++;
            future.complete(null);
        });
    }

    @Override
    public CompletableFuture<Boolean> update(Log log) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        return later(future, () -> {
            boolean newer = from.length() > log.length();
            if (newer) {
                log.apply(SparseLogTest.upgrade(from, log));
            }
            future.complete(newer);
        });
    }
}

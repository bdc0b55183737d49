package dev.espalier.drive;

import dev.espalier.log.BlockSource;
import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.ByteOffsets;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Prover;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A peer in the same process: answers at once from the logs of another store. */
final class NeighbourSource implements BlockSource {

    private final LogStore from;
    private final AtomicLong blocks = new AtomicLong();

    NeighbourSource(LogStore from) {
        this.from = from;
    }

    /** Blocks given away so far. */
    long blocks() {
        return blocks.get();
    }

    private CompletableFuture<Void> answer(Log log, Consumer<Log> work) {
        try (Log mine = from.stored(log.discoveryKey()).orElse(null)) {
            if (mine == null) {
                return CompletableFuture.failedFuture(new EspalierException("ERR_NOT_FOUND", "no such log here"));
            }
            work.accept(mine);
            return CompletableFuture.completedFuture(null);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized void give(Log mine, Log log, long index) {
        if (!log.has(index)) {
            long nodes = Prover.missingNodes(log.nodes(), log.length(), 2 * index);
            log.apply(mine.prove(ProofRequest.ofBlock(index, nodes)));
            blocks.incrementAndGet();
        }
    }

    @Override
    public boolean canAsk() {
        return true;
    }

    @Override
    public CompletableFuture<Void> block(Log log, long index) {
        return answer(log, mine -> give(mine, log, index));
    }

    @Override
    public CompletableFuture<Void> blocks(Log log, Blocks blocks) {
        return answer(log, mine -> {
            upgrade(mine, log);
            long end = Math.min(blocks.end(), log.length());
            for (long index = blocks.start(); index < end; index = blocks.next(index + 1)) {
                give(mine, log, index);
            }
        });
    }

    @Override
    public CompletableFuture<Void> seek(Log log, long position, int padding) {
        return answer(log, mine -> {
            ByteOffsets.Position found = new ByteOffsets(log.nodes(), log.head(), padding).seek(position);
            if (found != null && !found.isBlock()) {
                log.apply(mine.prove(ProofRequest.ofHash(2 * found.firstBlock(), FlatTree.depth(found.node()))));
            }
        });
    }

    @Override
    public CompletableFuture<Boolean> update(Log log) {
        long before = log.length();
        return answer(log, mine -> upgrade(mine, log)).thenApply(done -> log.length() > before);
    }

    private synchronized void upgrade(Log mine, Log log) {
        long length = log.length();
        if (mine.length() > length) {
            log.apply(mine.prove(new ProofRequest(
                    null, null, null, new ProofRequest.Upgrade(length, mine.length() - length), true)));
        }
    }
}

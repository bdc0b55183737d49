package dev.espalier.log;

import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofVerifier;
import dev.espalier.merkle.Reorg;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves a log to a larger fork (log specification §12): as long as {@link #want} is not null, a proof of what it asks for
 * goes to {@link #update}; then {@link #apply} does it in one step.
 *
 * <p>Nothing is written before that. What both forks have in common stays; on a sparse log some of that may go, too.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class LogReorg {

    private final LogCore core;
    private final Journal journal;
    private final TreeHead from;
    private final Reorg reorg;
    private final long fork;

    private LogReorg(LogCore core, Journal journal, TreeHead from, Reorg reorg, long fork) {
        this.core = core;
        this.journal = journal;
        this.from = from;
        this.reorg = reorg;
        this.fork = fork;
    }

    static LogReorg begin(LogCore core, Journal journal, Proof first) {
        if (first.upgrade() != null) {
            ProofBatch.checkSignature(first.upgrade().signature());
        }
        TreeHead from = core.head();
        ProofVerifier verifier = new ProofVerifier(core.key(), core.identity().manifest());
        Reorg reorg = Reorg.begin(verifier, core.hashedNodes(from), from, first);
        return new LogReorg(core, journal, from, reorg, first.fork());
    }

    /** The fork that the log moves to. */
    public long fork() {
        return fork;
    }

    /** Whether the log is still as it was when this began; if not, it must begin anew. */
    @SuppressWarnings("ReferenceEquality") // heads are replaced, never changed
    public boolean isCurrent() {
        return core.head() == from;
    }

    /** What to ask for next; null when there is nothing left to ask. */
    public Reorg.@Nullable Want want() {
        return reorg.want();
    }

    /**
     * Takes the answer to what was wanted.
     *
     * @return whether it is of use; if not, it was dropped
     * @throws VerificationException when its nodes are no path
     */
    public boolean update(Proof answer) {
        return reorg.update(answer);
    }

    /**
     * Moves the log: blocks that the new fork does not share go, its head comes, forced to the device. A crash leaves the
     * old state or the new one.
     *
     * @return false when the log has changed since this began; nothing was done then
     * @throws IllegalStateException when {@link #want} is not null
     */
    public boolean apply() {
        Reorg.Result result = reorg.result();
        core.writing().lock();
        try {
            core.checkOpen();
            if (!isCurrent()) {
                return false;
            }
            core.branches().keep(result.commonLength());
            core.beginSparseWrite();
            if (result.manifest() != null) {
                core.identity(identity -> identity.withManifest(result.manifest()));
            }
            settle();
            LogChange change = change(result);
            Journal.Prepared prepared = Journal.prepare(List.of(change), true);
            try {
                journal.run(prepared, () -> core.rewrite(change, result.head(), Durability.DATA));
            } catch (RuntimeException | InternalError e) {
                throw core.stop(e);
            }
        } finally {
            core.writing().unlock();
        }
        core.events().truncated(result.commonLength(), fork);
        core.events().headChanged();
        return true;
    }

    /** The journal tells only what changes: what stays must be on the device before. */
    private void settle() {
        try {
            core.commit(from, Durability.DATA);
        } catch (RuntimeException | InternalError e) {
            throw core.stop(e);
        }
    }

    private LogChange change(Reorg.Result result) {
        List<LogChange.Node> nodes = result.nodes().stream()
                .map(node -> new LogChange.Node(node, !result.unprovenSizes().contains(node.index())))
                .toList();
        return new LogChange(
                core.folder().discoveryKey(),
                core.nextRecord(result.head(), true),
                Math.min(result.commonLength(), from.length()),
                from.length(),
                nodes,
                new long[0],
                new int[0]);
    }
}

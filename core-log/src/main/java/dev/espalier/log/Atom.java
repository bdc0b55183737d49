package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes of several logs of one store that happen together or not at all, whatever ends the process in between: blocks
 * appended, and lengths cut before that. Blocks are kept in memory until {@link #commit}.
 *
 * <p>A log that anybody else changes meanwhile makes the commit fail, and with it the whole atom. Readers see each log as
 * it was until the commit, and then as it is after it.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class Atom implements AutoCloseable {

    /** A log was changed by somebody else since the atom first touched it. */
    public static final String CHANGED = "ERR_CHANGED";

    private final OpenStore store;
    private final Map<LogCore, Staged> logs = new HashMap<>();
    private boolean closed;

    /** What is to be done to one log. */
    private static final class Staged {

        /** Keeps the log open; encrypts as the handle that was passed first. */
        private final Log handle;

        private final TreeHead base;
        private long keep;
        private boolean cut;
        private final List<ByteBuffer> blocks = new ArrayList<>();

        Staged(Log handle) {
            this.handle = handle;
            this.base = handle.head();
            this.keep = base.length();
        }

        long length() {
            return keep + blocks.size();
        }
    }

    Atom(OpenStore store) {
        this.store = store;
    }

    /**
     * Stages blocks, which are copied, at the end of a log; returns the length it will have.
     *
     * @throws EspalierException BAD_ARGUMENT for a block above {@link Log#MAX_BLOCK_BYTES}; ERR_NOT_WRITABLE
     */
    public long append(Log log, List<ByteBuffer> blocks) {
        Staged staged = staged(log);
        log.writer().checkWritable();
        blocks.forEach(block -> log.writer().checkSize(block));
        for (ByteBuffer block : blocks) {
            staged.blocks.add(ByteBuffer.allocate(block.remaining())
                    .put(block.duplicate())
                    .flip());
        }
        return staged.length();
    }

    /** Stages one block. */
    public long append(Log log, byte[] block) {
        return append(log, List.of(ByteBuffer.wrap(block)));
    }

    /**
     * Stages a truncation; what was staged beyond {@code length} goes, too. However many there are, the log gets the next
     * fork number once.
     *
     * @throws EspalierException BAD_ARGUMENT when the log is shorter; ERR_NOT_WRITABLE
     */
    public void truncate(Log log, long length) {
        Staged staged = staged(log);
        log.writer().checkWritable();
        if (length < 0 || length > staged.length()) {
            throw new EspalierException(
                    "BAD_ARGUMENT",
                    "Cannot truncate log " + log.key() + " to " + length + " blocks, it has " + staged.length() + ".");
        }
        if (length <= staged.keep) {
            staged.cut = true;
            staged.keep = length;
            staged.blocks.clear();
        } else {
            staged.blocks
                    .subList((int) (length - staged.keep), staged.blocks.size())
                    .clear();
        }
    }

    /** The length that a log will have. */
    public long length(Log log) {
        return staged(log).length();
    }

    /**
     * A copy of a block as it will be.
     *
     * @throws EspalierException ERR_NOT_FOUND when it is not held, or beyond the end
     */
    public byte[] get(Log log, long index) {
        Staged staged = staged(log);
        if (index >= 0 && index < staged.keep) {
            return log.get(index, Duration.ZERO);
        }
        if (index < 0 || index >= staged.length()) {
            throw new EspalierException(
                    LogCore.NOT_FOUND, "Log " + log.key() + " has " + staged.length() + " blocks, not " + index + ".");
        }
        ByteBuffer block = staged.blocks.get((int) (index - staged.keep)).duplicate();
        byte[] copy = new byte[block.remaining()];
        block.get(copy);
        return copy;
    }

    private Staged staged(Log log) {
        if (closed) {
            throw new IllegalStateException("this atom is closed");
        }
        if (log.store() != store) {
            throw new IllegalArgumentException("log " + log.key() + " belongs to another store");
        }
        return logs.computeIfAbsent(log.core(), core -> new Staged(log.session()));
    }

    /** Does all that is staged with the store's durability, and closes this atom. */
    public void commit() {
        commit(store.durability());
    }

    /**
     * Does all that is staged in one step, and closes this atom, whether it succeeds or not. With {@link Durability#NONE}
     * it is one step for whatever ends the process; with the others for a loss of power, too. An atom that cuts a log is
     * always forced, as every truncation is.
     *
     * @throws EspalierException {@link #CHANGED} when a log was changed meanwhile, ERR_NOT_WRITABLE, BAD_ARGUMENT when it
     *     is too much for one step; nothing was changed then
     * @throws StorageException when writing failed; open the store again, then it is done as a whole or not at all
     */
    public void commit(Durability durability) {
        if (closed) {
            throw new IllegalStateException("this atom is closed");
        }
        List<Staged> order = new ArrayList<>(logs.values());
        order.removeIf(staged -> !staged.cut && staged.blocks.isEmpty());
        order.sort(Comparator.comparing(staged -> staged.handle.discoveryKey()));
        List<AtomStep> steps = new ArrayList<>();
        int locked = 0;
        try {
            for (Staged staged : order) {
                staged.handle.core().writing().lock();
                locked++;
            }
            for (Staged staged : order) {
                steps.add(prepare(staged));
            }
            if (!steps.isEmpty()) {
                Journal.checkSize(
                        steps.stream().mapToLong(AtomStep::journalBytes).sum());
                steps.forEach(AtomStep::begin);
                run(steps, level(steps, durability));
            }
        } finally {
            order.subList(0, locked)
                    .forEach(staged -> staged.handle.core().writing().unlock());
            close();
        }
        steps.forEach(AtomStep::announce);
    }

    @SuppressWarnings("ReferenceEquality") // heads are replaced, never changed
    private static AtomStep prepare(Staged staged) {
        Log log = staged.handle;
        if (log.head() != staged.base) {
            throw new EspalierException(
                    CHANGED,
                    "Log " + log.key() + " went from " + staged.base.length() + " to " + log.length()
                            + " blocks while an atom was prepared; begin again.");
        }
        long fork = staged.base.fork() + (staged.cut ? 1 : 0);
        return log.writer().prepare(staged.keep, fork, staged.blocks);
    }

    private void run(List<AtomStep> steps, Durability durability) {
        try {
            List<LogChange> changes = new ArrayList<>();
            for (AtomStep step : steps) {
                step.write(durability);
                changes.add(step.change(durability));
            }
            Journal.Prepared prepared = Journal.prepare(changes, durability != Durability.NONE);
            store.journal().run(prepared, () -> {
                for (int i = 0; i < changes.size(); i++) {
                    steps.get(i).finish(changes.get(i), durability);
                }
            });
        } catch (RuntimeException | InternalError e) {
            StorageException failure = steps.get(0).core().stop(e);
            steps.forEach(step -> step.core().stop(e));
            throw failure;
        }
    }

    /** What was cut is overwritten, so that no older head must be needed any more. */
    private static Durability level(List<AtomStep> steps, Durability asked) {
        return asked == Durability.NONE && steps.stream().anyMatch(AtomStep::cuts) ? Durability.DATA : asked;
    }

    /** Drops what was staged, unless it was committed. */
    @Override
    public void close() {
        closed = true;
        logs.values().forEach(staged -> staged.handle.close());
        logs.clear();
    }
}

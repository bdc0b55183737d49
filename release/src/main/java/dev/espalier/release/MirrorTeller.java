package dev.espalier.release;

import dev.espalier.drive.MirrorListener;
import dev.espalier.drive.MirrorOp;

/** Tells each step of a mirror, and stops it between two when the operation is to stop. <b>Threading:</b> one thread. */
final class MirrorTeller implements MirrorListener {

    private final Steps steps;
    private final String verb;
    private final boolean silent;
    private String label;
    private long copied;
    private long toCopy;
    private long compared;

    /** {@code verb} is what copying is called. */
    MirrorTeller(Steps steps, String verb) {
        this(steps, verb, false);
    }

    private MirrorTeller(Steps steps, String verb, boolean silent) {
        this.steps = steps;
        this.verb = verb;
        this.silent = silent;
        this.label = verb;
    }

    /** Tells only how far it is: what it does was told before. */
    static MirrorTeller silent(Steps steps, String verb) {
        return new MirrorTeller(steps, verb, true);
    }

    @Override
    public void op(MirrorOp op) {
        steps.checkCancelled();
        label = verb + " " + op.path();
        copied = 0;
        toCopy = op.bytesAdded();
        if (silent) {
            return;
        }
        switch (op.type()) {
            case ADD -> steps.emit(ByteDiff.added(op.path(), op.bytesAdded()));
            case CHANGE -> steps.emit(ByteDiff.changed(op.path(), op.bytesRemoved(), op.bytesAdded()));
            case REMOVE -> steps.emit(ByteDiff.removed(op.path(), op.bytesRemoved()));
            case EQUAL -> {
                // Nothing to tell.
            }
        }
    }

    @Override
    public void copied(long count) {
        steps.checkCancelled();
        copied += count;
        steps.progress(label, copied, toCopy, true);
    }

    @Override
    public void compared(long count) {
        steps.checkCancelled();
        compared += count;
        steps.progress("comparing", compared, -1, true);
    }
}

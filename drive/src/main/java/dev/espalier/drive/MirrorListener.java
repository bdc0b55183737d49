package dev.espalier.drive;

/**
 * Hears what a mirror does. Called on the thread that runs it; an exception ends the mirror.
 */
@FunctionalInterface
public interface MirrorListener {

    /** About to be done (or, in a dry run, not to be done). */
    void op(MirrorOp op);

    /** So many more bytes were copied. */
    default void copied(long bytes) {}

    /** So many more bytes of a file were found equal on both sides. */
    default void compared(long bytes) {}
}

package dev.espalier.merkle;

import org.jspecify.annotations.Nullable;

/**
 * Fixes the first blocks of a log: nobody, not even its signers, can change them (log specification §11).
 *
 * @param hash tree hash at {@code length}
 * @param length number of blocks fixed
 */
public record Prologue(Hash hash, long length) {

    /**
     * Checks that an append or truncation of a log leaves its prologue whole: whatever it does, it must end at or beyond
     * the prologue's end.
     *
     * @param prologue what is fixed of the log, or null
     * @param from length of the log before, in blocks
     * @param to length of the log after, in blocks
     * @throws VerificationException {@code INVALID_OPERATION} when it ends below the prologue's end
     */
    public static void checkLength(@Nullable Prologue prologue, long from, long to) {
        if (prologue != null && to < prologue.length() && to != from) {
            throw VerificationException.operation("a log with a prologue of " + prologue.length()
                    + " blocks cannot go from " + from + " to " + to + " blocks");
        }
    }
}

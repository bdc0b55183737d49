package dev.espalier.release;

/**
 * How far a long operation is; for a progress bar, not for scripts.
 *
 * @param label what is being done, a few words
 * @param done how much of it is done
 * @param total how much there is; -1 when nobody knows
 * @param bytes whether the two numbers are bytes, else they count things
 */
public record Progress(String label, long done, long total, boolean bytes) {}

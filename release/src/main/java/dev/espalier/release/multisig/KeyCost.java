package dev.espalier.release.multisig;

import dev.espalier.merkle.EspalierException;
import java.util.function.LongSupplier;

/**
 * What it costs to turn a password into a key: the two limits of libsodium's scrypt as they stand in a key file, and the
 * scrypt parameters that follow from them (release specification §4.4).
 *
 * @param ops limit of work, at least 0
 * @param mem limit of memory in bytes, at least 0
 */
public record KeyCost(long ops, long mem) {

    /** What hypercore-sign and Pear write: N = 2^20, r = 8, p = 1, one GiB of memory, some seconds. */
    public static final KeyCost STANDARD = new KeyCost(33_554_432, 1_073_741_824);

    /** Most memory that a key file can ask for: 4 GiB. */
    public static final long MAX_MEMORY = 4L << 30;

    /** Most work that a key file can ask for: 128 times the standard. */
    public static final long MAX_OPS = 1L << 32;

    private static final long MIN_OPS = 32_768;
    private static final int R = 8;
    private static final long MAX_RP = 0x3fffffff;

    /** Room that scrypt and the rest of the program need beside its table. */
    private static final long SLACK = 24L << 20;

    /**
     * Parameters of scrypt.
     *
     * @param n cost, a power of two
     * @param r block size
     * @param p parallelism
     */
    record Parameters(int n, int r, int p) {

        /** Bytes of memory that it takes. */
        long memory() {
            return 128L * r * n + 128L * r * p;
        }
    }

    /**
     * The parameters, chosen as libsodium does.
     *
     * @throws EspalierException {@code ERR_INVALID_KEY} when the limits are beyond what anybody would write
     */
    Parameters parameters() {
        if (ops < 0 || ops > MAX_OPS || mem < 0 || mem > MAX_MEMORY) {
            throw new EspalierException(
                    "ERR_INVALID_KEY",
                    "The key file asks for " + mem + " bytes of memory and " + ops
                            + " operations to be opened; at most " + MAX_MEMORY + " and " + MAX_OPS
                            + " are given. It is damaged, or was made to do harm.");
        }
        long work = Math.max(ops, MIN_OPS);
        if (work < mem / 32) {
            return new Parameters(powerAbove(work / (R * 4L)), R, 1);
        }
        int n = powerAbove(mem / (R * 128L));
        long p = Math.min(work / 4 / n, MAX_RP) / R;
        return new Parameters(n, R, (int) Math.max(1, p));
    }

    /** The smallest power of two, from 2 on, above half of {@code max}. */
    private static int powerAbove(long max) {
        int power = 2;
        while (power <= max / 2) {
            power <<= 1;
        }
        return power;
    }

    /**
     * Refuses to begin where the JVM may not take so much memory.
     *
     * @throws EspalierException {@code ERR_KEY_MEMORY}, with the setting that helps
     */
    void checkMemory() {
        checkMemory(parameters().memory(), KeyCost::available);
    }

    /** The same with another idea of how many bytes can be had; asked again after garbage was collected. */
    static void checkMemory(long needed, LongSupplier available) {
        if (available.getAsLong() >= needed + SLACK) {
            return;
        }
        System.gc();
        long free = available.getAsLong();
        if (free < needed + SLACK) {
            long advised = (needed >> 20) + 256;
            throw new EspalierException(
                    "ERR_KEY_MEMORY",
                    "This key takes " + (needed >> 20) + " MiB of memory to open, and Java may take only "
                            + Math.max(0, free >> 20) + " MiB more; run it again with JAVA_TOOL_OPTIONS=-Xmx" + advised
                            + "m.");
        }
    }

    private static long available() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
    }
}

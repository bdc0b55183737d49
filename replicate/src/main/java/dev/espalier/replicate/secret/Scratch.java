package dev.espalier.replicate.secret;

/**
 * An array for the work in hand, one for each thread. The ciphers of the runtime are at their best on arrays, and a copy
 * into one that is in the cache is next to nothing beside what they do.
 */
final class Scratch {

    private static final ThreadLocal<byte[]> ARRAY = ThreadLocal.withInitial(() -> new byte[0]);

    private Scratch() {}

    /** An array of at least so many bytes with anything in them, until the next call of this thread. */
    static byte[] atLeast(int bytes) {
        byte[] array = ARRAY.get();
        if (array.length < bytes) {
            array = new byte[bytes];
            ARRAY.set(array);
        }
        return array;
    }
}

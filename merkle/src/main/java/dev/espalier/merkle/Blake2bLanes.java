package dev.espalier.merkle;

/**
 * The compression function of BLAKE2b for several inputs in step, one in each lane of a vector. For {@link LeafHasher}
 * alone; what implements it needs a module that is not always there.
 *
 * <p><b>Threading:</b> an instance belongs to one thread.
 */
public interface Blake2bLanes {

    /** How many inputs go in step. */
    int lanes();

    /**
     * Takes blocks of 128 bytes into the states.
     *
     * @param states eight words of each state: word {@code i} of lane {@code j} at {@code i * lanes + j}
     * @param sources an array for each lane
     * @param offsets where in it the first block lies
     * @param blocks how many blocks, one after the other
     * @param counter bytes of each input up to the end of the first block; 128 more with each that follows
     * @param last -1 when the first block is the last one of the inputs, else 0
     */
    void compress(long[] states, byte[][] sources, int[] offsets, int blocks, long counter, long last);
}

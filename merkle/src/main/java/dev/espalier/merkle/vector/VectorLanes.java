package dev.espalier.merkle.vector;

import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.espalier.merkle.Blake2bLanes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * BLAKE2b by the Vector API: as many inputs as a vector of the machine has lanes of 64 bits.
 *
 * <p>Design note: a word of all inputs is one vector, so the rounds are those of the RFC, line by line, without a shuffle.
 * The words of the inputs are laid side by side before. Between two rounds the working vectors lie in an array: kept in
 * variables around a loop, HotSpot makes an object of each. Nor are there helper methods: past some thousand instructions it
 * inlines only what the API marks, and again makes objects.
 */
public final class VectorLanes implements Blake2bLanes {

    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final int WORDS = 16;
    private static final int BLOCK = 128;
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long[] IV = {
        0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
        0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L
    };

    /** Which words of the message a round takes, in order: RFC 7693 §2.7, as offsets. */
    private static final int[] SCHEDULE = schedule(
            "0123456789abcdef",
            "ea489fd61c02b753",
            "b8c052fdae367194",
            "7931dcbe265a40f8",
            "905724afe1bc683d",
            "2c6a0b834d75fe19",
            "c51fed4a0763928b",
            "db7ec13950f4862a",
            "6fe9b308c2d714a5",
            "a2847615fb9e3cd0",
            "0123456789abcdef",
            "ea489fd61c02b753");

    private final long[] message = new long[WORDS * LANES];
    private final long[] working = new long[WORDS * LANES];

    private static int[] schedule(String... rounds) {
        return String.join("", rounds)
                .chars()
                .map(c -> Character.digit(c, 16) * LANES)
                .toArray();
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void compress(long[] states, byte[][] sources, int[] offsets, int blocks, long counter, long last) {
        for (int block = 0; block < blocks; block++) {
            for (int lane = 0; lane < LANES; lane++) {
                load(sources[lane], offsets[lane] + block * BLOCK, lane);
            }
            rounds(states, counter + (long) block * BLOCK, last);
        }
    }

    private void load(byte[] source, int offset, int lane) {
        for (int word = 0; word < WORDS; word++) {
            message[word * LANES + lane] = (long) WORD.get(source, offset + 8 * word);
        }
    }

    private void rounds(long[] states, long counter, long last) {
        long[] v = working;
        System.arraycopy(states, 0, v, 0, 8 * LANES);
        for (int i = 0; i < 8; i++) {
            Arrays.fill(v, (8 + i) * LANES, (9 + i) * LANES, IV[i] ^ (i == 4 ? counter : i == 6 ? last : 0));
        }
        for (int at = 0; at < SCHEDULE.length; at += WORDS) {
            round(v, message, at);
        }
        for (int i = 0; i < 8 * LANES; i++) {
            states[i] ^= v[i] ^ v[i + 8 * LANES];
        }
    }

    private static void round(long[] v, long[] m, int at) {
        LongVector v0 = LongVector.fromArray(SPECIES, v, 0);
        LongVector v1 = LongVector.fromArray(SPECIES, v, LANES);
        LongVector v2 = LongVector.fromArray(SPECIES, v, 2 * LANES);
        LongVector v3 = LongVector.fromArray(SPECIES, v, 3 * LANES);
        LongVector v4 = LongVector.fromArray(SPECIES, v, 4 * LANES);
        LongVector v5 = LongVector.fromArray(SPECIES, v, 5 * LANES);
        LongVector v6 = LongVector.fromArray(SPECIES, v, 6 * LANES);
        LongVector v7 = LongVector.fromArray(SPECIES, v, 7 * LANES);
        LongVector v8 = LongVector.fromArray(SPECIES, v, 8 * LANES);
        LongVector v9 = LongVector.fromArray(SPECIES, v, 9 * LANES);
        LongVector v10 = LongVector.fromArray(SPECIES, v, 10 * LANES);
        LongVector v11 = LongVector.fromArray(SPECIES, v, 11 * LANES);
        LongVector v12 = LongVector.fromArray(SPECIES, v, 12 * LANES);
        LongVector v13 = LongVector.fromArray(SPECIES, v, 13 * LANES);
        LongVector v14 = LongVector.fromArray(SPECIES, v, 14 * LANES);
        LongVector v15 = LongVector.fromArray(SPECIES, v, 15 * LANES);

        // Columns.
        v0 = v0.add(v4).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at]));
        v12 = v12.lanewise(XOR, v0).lanewise(ROR, 32);
        v8 = v8.add(v12);
        v4 = v4.lanewise(XOR, v8).lanewise(ROR, 24);
        v0 = v0.add(v4).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 1]));
        v12 = v12.lanewise(XOR, v0).lanewise(ROR, 16);
        v8 = v8.add(v12);
        v4 = v4.lanewise(XOR, v8).lanewise(ROR, 63);
        v1 = v1.add(v5).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 2]));
        v13 = v13.lanewise(XOR, v1).lanewise(ROR, 32);
        v9 = v9.add(v13);
        v5 = v5.lanewise(XOR, v9).lanewise(ROR, 24);
        v1 = v1.add(v5).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 3]));
        v13 = v13.lanewise(XOR, v1).lanewise(ROR, 16);
        v9 = v9.add(v13);
        v5 = v5.lanewise(XOR, v9).lanewise(ROR, 63);
        v2 = v2.add(v6).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 4]));
        v14 = v14.lanewise(XOR, v2).lanewise(ROR, 32);
        v10 = v10.add(v14);
        v6 = v6.lanewise(XOR, v10).lanewise(ROR, 24);
        v2 = v2.add(v6).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 5]));
        v14 = v14.lanewise(XOR, v2).lanewise(ROR, 16);
        v10 = v10.add(v14);
        v6 = v6.lanewise(XOR, v10).lanewise(ROR, 63);
        v3 = v3.add(v7).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 6]));
        v15 = v15.lanewise(XOR, v3).lanewise(ROR, 32);
        v11 = v11.add(v15);
        v7 = v7.lanewise(XOR, v11).lanewise(ROR, 24);
        v3 = v3.add(v7).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 7]));
        v15 = v15.lanewise(XOR, v3).lanewise(ROR, 16);
        v11 = v11.add(v15);
        v7 = v7.lanewise(XOR, v11).lanewise(ROR, 63);

        // Diagonals.
        v0 = v0.add(v5).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 8]));
        v15 = v15.lanewise(XOR, v0).lanewise(ROR, 32);
        v10 = v10.add(v15);
        v5 = v5.lanewise(XOR, v10).lanewise(ROR, 24);
        v0 = v0.add(v5).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 9]));
        v15 = v15.lanewise(XOR, v0).lanewise(ROR, 16);
        v10 = v10.add(v15);
        v5 = v5.lanewise(XOR, v10).lanewise(ROR, 63);
        v1 = v1.add(v6).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 10]));
        v12 = v12.lanewise(XOR, v1).lanewise(ROR, 32);
        v11 = v11.add(v12);
        v6 = v6.lanewise(XOR, v11).lanewise(ROR, 24);
        v1 = v1.add(v6).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 11]));
        v12 = v12.lanewise(XOR, v1).lanewise(ROR, 16);
        v11 = v11.add(v12);
        v6 = v6.lanewise(XOR, v11).lanewise(ROR, 63);
        v2 = v2.add(v7).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 12]));
        v13 = v13.lanewise(XOR, v2).lanewise(ROR, 32);
        v8 = v8.add(v13);
        v7 = v7.lanewise(XOR, v8).lanewise(ROR, 24);
        v2 = v2.add(v7).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 13]));
        v13 = v13.lanewise(XOR, v2).lanewise(ROR, 16);
        v8 = v8.add(v13);
        v7 = v7.lanewise(XOR, v8).lanewise(ROR, 63);
        v3 = v3.add(v4).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 14]));
        v14 = v14.lanewise(XOR, v3).lanewise(ROR, 32);
        v9 = v9.add(v14);
        v4 = v4.lanewise(XOR, v9).lanewise(ROR, 24);
        v3 = v3.add(v4).add(LongVector.fromArray(SPECIES, m, SCHEDULE[at + 15]));
        v14 = v14.lanewise(XOR, v3).lanewise(ROR, 16);
        v9 = v9.add(v14);
        v4 = v4.lanewise(XOR, v9).lanewise(ROR, 63);

        v0.intoArray(v, 0);
        v1.intoArray(v, LANES);
        v2.intoArray(v, 2 * LANES);
        v3.intoArray(v, 3 * LANES);
        v4.intoArray(v, 4 * LANES);
        v5.intoArray(v, 5 * LANES);
        v6.intoArray(v, 6 * LANES);
        v7.intoArray(v, 7 * LANES);
        v8.intoArray(v, 8 * LANES);
        v9.intoArray(v, 9 * LANES);
        v10.intoArray(v, 10 * LANES);
        v11.intoArray(v, 11 * LANES);
        v12.intoArray(v, 12 * LANES);
        v13.intoArray(v, 13 * LANES);
        v14.intoArray(v, 14 * LANES);
        v15.intoArray(v, 15 * LANES);
    }
}

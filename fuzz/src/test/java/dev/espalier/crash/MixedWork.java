package dev.espalier.crash;

import dev.espalier.log.Atom;
import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a process does to two logs until it is killed: appends, truncations, clearings, atoms over both. Each step follows
 * from a seed, its number and the lengths of the logs, so that whoever knows which steps were acknowledged knows what must
 * be in the logs.
 */
final class MixedWork {

    /** Names of the logs. */
    static final List<String> NAMES = List.of("first", "second");

    /** Where logs are cut back, so that looking at them stays cheap. */
    private static final long LONG = 150;

    private final long seed;

    MixedWork(long seed) {
        this.seed = seed;
    }

    /** Content of a block that step {@code step} of the work with some seed appended to a log: most small, some of 30 KB. */
    static byte[] block(long seed, long step, int log, int number) {
        SplittableRandom random = new SplittableRandom(seed + step * 1_000_003 + log * 997 + number);
        byte[] block = new byte[8 + random.nextInt(random.nextInt(30) == 0 ? 30_000 : 200)];
        random.nextBytes(block);
        return block;
    }

    /** What is done to one log in a step. */
    enum Kind {
        APPEND,
        TRUNCATE,
        CLEAR,
        ATOM
    }

    /**
     * One step.
     *
     * @param log which log; of an atom the one that may be cut
     * @param start length to cut to, first block to clear; of an atom -1 where nothing is cut
     * @param end end of the blocks to clear
     * @param count blocks that are appended; in an atom to the first log, and one more to the other
     */
    record Step(Kind kind, int log, long start, long end, int count, Durability durability) {}

    /** Step {@code number} on logs of these lengths. */
    Step step(long number, long... lengths) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int log = random.nextInt(2);
        long length = lengths[log];
        int count = 1 + random.nextInt(9);
        Durability durability = random.nextInt(25) == 0 ? Durability.DATA : Durability.NONE;
        int choice = length > LONG ? 6 : random.nextInt(14);
        if (choice < 6 || length == 0) {
            return new Step(Kind.APPEND, log, 0, 0, count, durability);
        }
        if (choice < 8) {
            return new Step(Kind.TRUNCATE, log, random.nextLong(length), 0, 0, durability);
        }
        if (choice < 10) {
            long start = random.nextLong(length);
            return new Step(Kind.CLEAR, log, start, start + 1 + random.nextLong(length - start), 0, durability);
        }
        return new Step(Kind.ATOM, log, choice < 12 ? -1 : random.nextLong(length), 0, count, durability);
    }

    /** Does a step. */
    void run(LogStore store, List<Log> logs, long number) {
        Step step = step(number, logs.get(0).length(), logs.get(1).length());
        Log log = logs.get(step.log());
        switch (step.kind()) {
            case APPEND -> log.append(blocks(number, step.log(), step.count()), step.durability());
            case TRUNCATE -> log.truncate(step.start());
            case CLEAR -> log.clear(step.start(), step.end());
            case ATOM -> {
                try (Atom atom = store.atom()) {
                    if (step.start() >= 0) {
                        atom.truncate(log, step.start());
                    }
                    atom.append(log, blocks(number, step.log(), step.count()));
                    atom.append(logs.get(1 - step.log()), blocks(number, 1 - step.log(), step.count() + 1));
                    atom.commit(step.durability());
                }
            }
        }
    }

    private List<ByteBuffer> blocks(long step, int log, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(block(seed, step, log, i)));
        }
        return blocks;
    }
}

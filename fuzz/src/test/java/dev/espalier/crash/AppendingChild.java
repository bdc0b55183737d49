package dev.espalier.crash;

import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A process that appends to a log, and sometimes truncates it, until it is killed. After each step it prints one line
 * with the fork and length that were acknowledged.
 */
final class AppendingChild {

    /** Name of the log. */
    static final String NAME = "killed";

    private AppendingChild() {}

    /** Arguments: folder of the store, seed. */
    public static void main(String[] args) {
        SplittableRandom random = new SplittableRandom(Long.parseLong(args[1]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        try (LogStore store = LogStore.open(Path.of(args[0]));
                Log log = store.log(NAME)) {
            while (true) {
                if (log.length() > 0 && random.nextInt(40) == 0) {
                    log.truncate(random.nextLong(log.length()));
                } else {
                    append(log, random);
                }
                out.println(log.fork() + " " + log.length());
                out.flush();
            }
        }
    }

    private static void append(Log log, SplittableRandom random) {
        int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 60 : 5);
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(ByteBuffer.wrap(block(log.fork(), log.length() + i)));
        }
        log.append(batch, random.nextInt(30) == 0 ? Durability.DATA : Durability.NONE);
    }

    /** Content of a block written in a fork: up to 64 KiB, most of them small. */
    static byte[] block(long fork, long index) {
        SplittableRandom random = new SplittableRandom(fork * 1_000_003 + index);
        byte[] block = new byte[16 + random.nextInt(random.nextInt(8) == 0 ? 65_520 : 300)];
        random.nextBytes(block);
        ByteBuffer.wrap(block).putLong(fork).putLong(index);
        return block;
    }
}

package dev.espalier.bench;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How long does it take to get at the bytes of a random block of a log of 256 MiB that is in memory already?
 *
 * <p>The methods with {@code view} read the first and the last eight bytes where they are; those with {@code copy} make a
 * Java array of the block.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class GetLatency extends Measured {

    private static final int BATCH = 64;

    /** Block size in bytes. */
    @Param({"1024", "65536"})
    public int blockSize;

    /** Size of the log in MiB. */
    @Param("256")
    public int logMiB;

    private final SplittableRandom random = new SplittableRandom(17);
    private long seen;
    private final Consumer<ByteBuffer> reader = this::look;
    private int count;
    private Scratch scratch;
    private LogStore store;
    private Log log;
    private MappedByteBuffer plain;

    /** Fills a log, and a plain file with as many bytes. */
    @Setup
    public void fill() throws IOException {
        count = Math.toIntExact(((long) logMiB << 20) / blockSize);
        scratch = Scratch.create();
        store = LogStore.open(scratch.path("store"));
        log = store.log("bench");
        Path file = scratch.path("plain");
        Blocks blocks = new Blocks(blockSize, true);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int done = 0; done < count; done += BATCH) {
                log.append(blocks.next(Math.min(BATCH, count - done)));
            }
            for (int i = 0; i < count; i++) {
                for (ByteBuffer block = blocks.next(); block.hasRemaining(); ) {
                    channel.write(block);
                }
            }
            plain = channel.map(FileChannel.MapMode.READ_ONLY, 0, (long) count * blockSize);
        }
        plain.load();
    }

    /** Closes and removes the files. */
    @TearDown
    public void removeFiles() throws IOException {
        log.close();
        store.close();
        scratch.close();
    }

    /** A view of the mapped block, inside a call. */
    @Benchmark
    public long readView() {
        if (!log.read(random.nextInt(count), reader)) {
            throw new IllegalStateException("block not held");
        }
        return seen;
    }

    /** A copy of the block. */
    @Benchmark
    public byte[] getCopy() {
        return log.get(random.nextInt(count));
    }

    /** A slice of one mapping at a known offset. */
    @Benchmark
    public long baselineViewOfMapping() {
        ByteBuffer slice = plain.slice(random.nextInt(count) * blockSize, blockSize);
        look(slice.order(ByteOrder.LITTLE_ENDIAN));
        return seen;
    }

    /** A copy from one mapping at a known offset. */
    @Benchmark
    public byte[] baselineCopyOfMapping() {
        byte[] copy = new byte[blockSize];
        plain.get(random.nextInt(count) * blockSize, copy);
        return copy;
    }

    private void look(ByteBuffer block) {
        seen += block.getLong(0) ^ block.getLong(block.limit() - Long.BYTES);
    }
}

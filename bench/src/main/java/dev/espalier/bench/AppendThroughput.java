package dev.espalier.bench;

import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How many blocks a second does a log take, in batches of 16?
 *
 * <p>An append hashes each block and writes it: it cannot be faster than both baselines in a row. Each iteration begins
 * with new files, else the device fills. Nothing is forced to the device.
 */
@BenchmarkMode(Mode.Throughput)
@State(Scope.Thread)
public class AppendThroughput extends Measured {

    private static final int BATCH = 16;

    /** Block size in bytes. */
    @Param({"1024", "65536"})
    public int blockSize;

    private final Blake2b hash = new Blake2b(Hash.BYTES);
    private final byte[] digest = new byte[Hash.BYTES];
    private Blocks blocks;
    private Scratch scratch;
    private LogStore store;
    private Log log;
    private FileChannel file;

    /** Makes the blocks: outside the heap, as they come from a socket or a mapped file. */
    @Setup
    public void makeBlocks() {
        blocks = new Blocks(blockSize, true);
    }

    /** Opens a new log and a new plain file. */
    @Setup(Level.Iteration)
    public void openFiles() throws IOException {
        scratch = Scratch.create();
        store = LogStore.open(scratch.path("store"));
        log = store.log("bench");
        file = FileChannel.open(scratch.path("plain"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Closes and removes them. */
    @TearDown(Level.Iteration)
    public void removeFiles() throws IOException {
        log.close();
        store.close();
        file.close();
        scratch.close();
    }

    /** A log: hashed, signed once per batch, stored. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long append() {
        return log.append(blocks.next(BATCH), Durability.NONE);
    }

    /** The same blocks hashed by BLAKE2b-256, nothing else. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public byte[] baselineHash() {
        for (ByteBuffer block : blocks.next(BATCH)) {
            hash.update(block);
            hash.digest(digest, 0);
        }
        return digest;
    }

    /** The same blocks written to a plain file, a batch at a time. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long baselineWrite() throws IOException {
        List<ByteBuffer> batch = blocks.next(BATCH);
        ByteBuffer[] sources = batch.toArray(new ByteBuffer[BATCH]);
        long left = (long) BATCH * blockSize;
        while (left > 0) {
            left -= file.write(sources);
        }
        return file.position();
    }
}

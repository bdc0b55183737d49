package dev.espalier.bench;

import dev.espalier.drive.Drive;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Blake2b;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How many times a second is a folder of many files mirrored into a drive, for the first time, and again without a change?
 *
 * <p>A first mirror walks, reads, hashes and writes, as the baseline does into one plain file; above that are entries,
 * nodes and signatures. Nothing is forced to the device.
 */
@BenchmarkMode(Mode.Throughput)
@State(Scope.Thread)
public class MirrorThroughput extends Measured {

    private static final int FILES_IN_FOLDER = 100;

    /** Bytes of each file. */
    @Param({"1024", "65536"})
    public int blockSize;

    /** How many files. */
    @Param("5000")
    public int files;

    private Scratch scratch;
    private Path source;
    private LogStore store;
    private Drive held;
    private int drives;

    /** Makes the files, and a drive that holds them. */
    @Setup
    public void makeFiles() throws IOException {
        scratch = Scratch.create();
        source = scratch.path("source");
        byte[] bytes = new byte[blockSize];
        Random random = new Random(1);
        for (int i = 0; i < files; i++) {
            random.nextBytes(bytes);
            Path folder = Files.createDirectories(source.resolve("folder-" + i / FILES_IN_FOLDER));
            Files.write(folder.resolve("file-" + i), bytes);
        }
        store = LogStore.open(scratch.path("store"));
        held = Drive.open(store, "held");
        mirrorUnchanged();
    }

    /** Removes all. */
    @TearDown
    public void removeFiles() throws IOException {
        held.close();
        store.close();
        scratch.close();
    }

    /** Drops the drives of an iteration, else the device fills. */
    @TearDown(Level.Iteration)
    public void removeDrives() {
        for (; drives > 0; drives--) {
            Drive.open(store, "drive" + (drives - 1)).purge();
        }
    }

    /** Into an empty drive. */
    @Benchmark
    public long mirror() {
        try (Drive drive = Drive.open(store, "drive" + drives++)) {
            return Mirror.from(LocalFolder.of(source)).to(drive).run().added();
        }
    }

    /** Into a drive that holds all: both sides are read and compared. */
    @Benchmark
    public long mirrorAgain() {
        return Mirror.from(LocalFolder.of(source)).to(held).run().files();
    }

    /** The same with what is remembered of the files: they are not read. */
    @Benchmark
    public long mirrorUnchanged() {
        return Mirror.from(LocalFolder.of(source))
                .to(held)
                .remember(scratch.path("remembered"))
                .rememberAfter(Duration.ZERO)
                .run()
                .files();
    }

    /** Walks the files, reads and hashes each, and writes all into one plain file. */
    @Benchmark
    public long baselineCopyAndHash() throws IOException {
        byte[][] digest = new byte[1][];
        try (FileChannel target = FileChannel.open(
                scratch.path("plain"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            Files.walkFileTree(source, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    byte[] bytes = Files.readAllBytes(file);
                    digest[0] = Blake2b.hash(bytes);
                    ByteBuffer left = ByteBuffer.wrap(bytes);
                    while (left.hasRemaining()) {
                        target.write(left);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            return target.position() + digest[0][0];
        }
    }
}

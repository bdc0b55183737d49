package dev.espalier.laws;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Threads that append, truncate and read one log, all at once: whatever they are told could have been told to threads that
 * take turns. So nobody is shown a head before its blocks, or a block of another state than the one it belongs to.
 */
@Param(name = "index", gen = IntGen.class, conf = "0:5")
public class PublishAndReadTest {

    private static final int ITERATIONS = Integer.getInteger("espalier.lincheck.iterations", 5);
    private static final Path FOLDER = folder();
    private static final LogStore STORE = LogStore.open(FOLDER);

    private final Log log = STORE.log("log");

    public PublishAndReadTest() {
        log.truncate(0);
    }

    private static Path folder() {
        try {
            // In memory where there is such a place: each run begins with a truncation, which is forced.
            Path shared = Path.of("/dev/shm");
            Path place = Files.isWritable(shared)
                    ? Files.createTempDirectory(shared, "publish-and-read")
                    : Files.createTempDirectory("publish-and-read");
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void delete() throws IOException {
        STORE.close();
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static ByteBuffer block(int value) {
        byte[] bytes = new byte[100 + value];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    /** The value that a block was made of; fails where its bytes are not all of one block. */
    private static int value(ByteBuffer block) {
        int value = block.get(0);
        if (!block.equals(block(value))) {
            throw new AssertionError("torn: " + block + " that begins with " + value);
        }
        return value;
    }

    @Operation
    public long append(@Param(name = "index") int value) {
        return log.append(List.of(block(value), block(value + 10)));
    }

    @Operation
    public boolean truncate(@Param(name = "index") int length) {
        try {
            log.truncate(length);
            return true;
        } catch (EspalierException e) {
            return false; // It is shorter.
        }
    }

    @Operation
    public long length() {
        return log.length();
    }

    @Operation
    public int get(@Param(name = "index") int index) {
        int[] value = {-1};
        log.read(index, block -> value[0] = value(block));
        return value[0];
    }

    @Test
    public void whateverThreadsAreToldCouldBeToldInTurns() {
        new StressOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .check(PublishAndReadTest.class);
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes and blocks of a log as streams. */
class StreamTest {

    @TempDir
    Path folder;

    private LogStore store;

    @BeforeEach
    void open() {
        store = LogStore.open(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Appends blocks of 0 to 40 bytes, returns them in a row. */
    private static byte[] fill(Log log, int count, long seed) {
        Random random = new Random(seed);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(41)];
            random.nextBytes(block);
            all.writeBytes(block);
            blocks.add(ByteBuffer.wrap(block));
        }
        log.append(blocks);
        return all.toByteArray();
    }

    @Test
    void everyRangeOfBytesIsThatOfTheBlocksInARow() throws IOException {
        for (LogOptions options : List.of(LogOptions.PLAIN, LogOptions.encrypted(new byte[32]))) {
            try (Log log = store.log("log" + options.isEncrypted(), options)) {
                byte[] all = fill(log, 30, 5);
                for (int offset = 0; offset <= all.length + 3; offset += 3) {
                    for (int length : new int[] {0, 1, 17, 200, Integer.MAX_VALUE}) {
                        int from = Math.min(offset, all.length);
                        int to = (int) Math.min((long) from + length, all.length);
                        try (InputStream in = log.newInputStream(offset, length, 4)) {
                            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(all, from, to));
                            assertThat(in.read()).isEqualTo(-1);
                        }
                    }
                }
            }
        }
    }

    @Test
    void skippingGoesToTheSameByteAsReading() throws IOException {
        try (Log log = store.log("log")) {
            byte[] all = fill(log, 60, 6);
            Random random = new Random(1);
            for (int round = 0; round < 200; round++) {
                try (InputStream in = log.newInputStream()) {
                    int at = 0;
                    while (at < all.length) {
                        int skip = random.nextInt(90);
                        assertThat(in.skip(skip)).isEqualTo(Math.min(skip, all.length - at));
                        at = Math.min(at + skip, all.length);
                        int expected = at < all.length ? all[at] & 0xff : -1;
                        assertThat(in.read()).isEqualTo(expected);
                        at++;
                    }
                }
            }
        }
    }

    @Test
    void anOpenStreamReadsOnWhatWasTruncated() throws IOException {
        try (Log log = store.log("log")) {
            byte[] all = fill(log, 50, 7);
            try (InputStream in = log.newInputStream()) {
                assertThat(in.read()).isEqualTo(all[0] & 0xff);
                log.truncate(1);
                fill(log, 10, 8);
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(all, 1, all.length));
            }
        }
    }

    @Test
    void aReaderFetchesWhatItReadsAndABitAhead() throws IOException {
        try (LogStore other = LogStore.open(folder.resolve("reader"));
                Log source = store.log("log");
                Log reader = other.log(source.key())) {
            byte[] all = fill(source, 100, 9);
            other.source(new DirectSource(source));
            reader.update(Duration.ofSeconds(10));
            try (InputStream in = reader.newInputStream(0, 1, 10)) {
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOf(all, 1));
                assertThat(reader.presentCount()).isBetween(10L, 12L);
            }
            try (InputStream in = reader.newInputStream(20, Long.MAX_VALUE, 0)) {
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(all, 20, all.length));
            }
        }
    }

    @Test
    void writtenBytesAreReadBackInBlocksOfTheSizeAskedFor() throws IOException {
        byte[] all = new byte[1000];
        new Random(3).nextBytes(all);
        try (Log log = store.log("log")) {
            OutputStream out = log.newOutputStream(30);
            out.write(all, 0, 45);
            assertThat(log.length()).isZero();
            out.flush();
            assertThat(log.length()).isEqualTo(2);
            assertThat(log.blockLength(1)).isEqualTo(15);
            out.flush();
            out.write(all[45]);
            out.write(all, 46, 954);
            assertThat(log.length()).isEqualTo(2 + 16 + 0);
            out.close();
            out.close();
            assertThat(log.length()).isEqualTo(2 + 32);
            assertThatThrownBy(() -> out.write(1)).isInstanceOf(IOException.class);
            try (InputStream in = log.newInputStream()) {
                assertThat(in.readAllBytes()).isEqualTo(all);
            }
        }
    }

    @Test
    void aReaderCannotBeWrittenTo() {
        try (Log own = store.log("log");
                LogStore other = LogStore.open(folder.resolve("reader"));
                Log reader = other.log(own.key())) {
            assertThatThrownBy(reader::newOutputStream).extracting("code").isEqualTo("ERR_NOT_WRITABLE");
        }
    }

    @Test
    void theEndOfAStreamOfBlocksIsFixedWhenItIsOpened() {
        try (Log log = store.log("log")) {
            fill(log, 10, 4);
            List<byte[]> before = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                before.add(log.get(i));
            }
            try (BlockStream all = log.blocks(0, Long.MAX_VALUE);
                    BlockStream some = log.blocks(3, 5);
                    Stream<byte[]> mapped = log.blocks(7, 100).stream()) {
                log.truncate(2);
                fill(log, 20, 5);
                List<byte[]> seen = new ArrayList<>();
                all.forEachRemaining(seen::add);
                assertThat(seen).containsExactlyElementsOf(before);
                assertThat(all.position()).isEqualTo(10);
                assertThat(some.next()).isEqualTo(before.get(3));
                assertThat(some.next()).isEqualTo(before.get(4));
                assertThat(some.hasNext()).isFalse();
                assertThat(mapped.toList()).containsExactlyElementsOf(before.subList(7, 10));
            }
        }
    }

    @Test
    void aLiveStreamFollowsTheLogUntilItIsClosed() throws Exception {
        try (Log log = store.log("log");
                BlockStream live = log.liveBlocks(1)) {
            CompletableFuture<List<byte[]>> reader = CompletableFuture.supplyAsync(() -> {
                List<byte[]> seen = new ArrayList<>();
                while (seen.size() < 30) {
                    seen.add(live.next());
                }
                return seen;
            });
            for (byte i = 0; i <= 30; i++) {
                log.append(new byte[] {i});
            }
            List<byte[]> seen = reader.get(60, TimeUnit.SECONDS);
            for (byte i = 0; i < 30; i++) {
                assertThat(seen.get(i)).isEqualTo(new byte[] {(byte) (i + 1)});
            }
            CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(live::hasNext);
            live.close();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void aLiveStreamEndsWithItsStore() throws Exception {
        Log log = store.log("log");
        BlockStream live = log.liveBlocks(0);
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(live::hasNext);
        store.close();
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isFalse();
    }
}

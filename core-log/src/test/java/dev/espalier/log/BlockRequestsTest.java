package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The seam to peers: who asks, who waits, who is told. */
class BlockRequestsTest {

    @TempDir
    Path folder;

    private LogStore writers;
    private LogStore readers;
    private Log source;
    private Log reader;

    @BeforeEach
    void open() {
        writers = LogStore.open(folder.resolve("writers"));
        readers = LogStore.open(folder.resolve("readers"));
        source = writers.log("source");
        reader = readers.log(source.key());
        for (int i = 0; i < 10; i++) {
            source.append(new byte[] {(byte) i});
        }
    }

    @AfterEach
    void close() {
        writers.close();
        readers.close();
    }

    @Test
    void absentBlocksAreAskedForAndStored() {
        readers.source(new DirectSource(source));
        assertThat(reader.update(Duration.ofSeconds(10))).isTrue();
        assertThat(reader.update(Duration.ofSeconds(10))).isFalse();
        assertThat(reader.get(3)).containsExactly(3);
        readers.source(null);
        assertThat(reader.get(3)).containsExactly(3);
        assertThatThrownBy(() -> reader.get(4)).extracting("code").isEqualTo("ERR_NOT_FOUND");
    }

    @Test
    void aBlockPastTheLengthAsksForANewerHeadFirst() {
        readers.source(new DirectSource(source));
        assertThat(reader.length()).isZero();
        assertThat(reader.get(9)).containsExactly(9);
        assertThatThrownBy(() -> reader.get(10))
                .isInstanceOf(EspalierException.class)
                .hasMessageContaining("10 blocks as far as known")
                .extracting("code")
                .isEqualTo("ERR_NOT_FOUND");
        source.append(new byte[] {10});
        assertThat(reader.get(10, Duration.ofSeconds(10))).containsExactly(10);
    }

    @Test
    void aWaitEndsInTimeAndSaysWhatLacks() {
        DirectSource held = new DirectSource(source);
        readers.source(held);
        reader.update(Duration.ofSeconds(10));
        held.hold();
        assertThatThrownBy(() -> reader.get(2, Duration.ofMillis(1)))
                .isInstanceOf(EspalierException.class)
                .hasMessageContaining("Block 2")
                .extracting("code")
                .isEqualTo("ERR_TIMEOUT");
        assertThatThrownBy(() -> reader.get(2, Duration.ZERO))
                .extracting("code")
                .isEqualTo("ERR_NOT_FOUND");
        assertThat(reader.update(Duration.ofMillis(1))).isFalse();
    }

    @Test
    void whoeverStoresABlockWakesAllWhoWaitForIt() {
        DirectSource held = new DirectSource(source);
        readers.source(held);
        reader.update(Duration.ofSeconds(10));
        held.hold();
        CompletableFuture<byte[]> one = reader.getAsync(5);
        CompletableFuture<byte[]> two = reader.getAsync(5);
        CompletableFuture<byte[]> other = reader.getAsync(6);
        assertThat(held.waiting()).isEqualTo(3);
        reader.apply(SparseLogTest.fetch(source, reader, 5));
        assertThat(one.join()).containsExactly(5);
        assertThat(two.join()).containsExactly(5);
        assertThat(other).isNotDone();
        held.answer();
        assertThat(other.join()).containsExactly(6);
    }

    @Test
    void cancellingWithdrawsTheWish() {
        DirectSource held = new DirectSource(source);
        readers.source(held);
        reader.update(Duration.ofSeconds(10));
        held.hold();
        CompletableFuture<byte[]> wish = reader.getAsync(5);
        wish.cancel(true);
        held.answer();
        assertThat(reader.has(5)).isFalse();
    }

    @Test
    void closingEndsAllWaiting() {
        DirectSource held = new DirectSource(source);
        readers.source(held);
        reader.update(Duration.ofSeconds(10));
        held.hold();
        CompletableFuture<byte[]> wish = reader.getAsync(5);
        readers.close();
        assertThatThrownBy(wish::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void downloadsCompleteWhenAllIsHeld() {
        assertThat(reader.download(0, 1)).isCompletedExceptionally();
        readers.source(new DirectSource(source));
        reader.update(Duration.ofSeconds(10));
        reader.download(2, 8).join();
        assertThat(reader.presentCount()).isEqualTo(6);
        assertThat(reader.has(2, 8)).isTrue();
        readers.source(null);
        reader.download(3, 5).join();
        assertThatThrownBy(() -> reader.download(5, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listenersHearOfChangesAfterTheyArePublished() throws Exception {
        List<String> heard = new ArrayList<>();
        LogListener listener = new LogListener() {
            @Override
            public void headChanged(Log log) {
                heard.add("head " + log.length());
            }

            @Override
            public void blocksStored(Log log, long start, long count) {
                heard.add("blocks " + start + " " + count + " " + log.has(start, start + count));
            }

            @Override
            public void truncated(Log log, long length, long fork) {
                heard.add("truncated " + length + " " + fork + " " + log.length());
                throw new IllegalStateException("a listener that fails");
            }
        };
        try (AutoCloseable ending = source.listen(listener)) {
            source.append(List.of(ByteBuffer.allocate(1), ByteBuffer.allocate(1)));
            source.truncate(9);
        }
        source.append(new byte[1]);
        assertThat(heard).containsExactly("head 12", "blocks 10 2 true", "truncated 9 1 9", "head 9");
    }
}

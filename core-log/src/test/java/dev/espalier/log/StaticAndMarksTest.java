package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Static copies of logs, sweeping of what is of no use, and events on another thread. */
class StaticAndMarksTest {

    @TempDir
    Path folder;

    private LogStore store;
    private Log log;

    @BeforeEach
    void open() {
        store = LogStore.open(folder);
        log = store.log("log");
        log.append(Vectors.blocks());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aStaticCopyHasTheKeyOfTheVectorsAndTheSameBlocks() {
        JsonObject vector = Vectors.object("prologue").getAsJsonObject("static");
        log.truncate(4);
        try (Log copy = store.staticify(log)) {
            assertThat(copy.key().hex()).isEqualTo(vector.get("key").getAsString());
            assertThat(copy.manifest().encoded()).isEqualTo(Vectors.hex(vector.get("manifest")));
            assertThat(copy.length()).isEqualTo(4);
            assertThat(copy.treeHash()).isEqualTo(log.treeHash());
            assertThat(copy.writable()).isFalse();
            for (int i = 0; i < 4; i++) {
                assertThat(copy.get(i)).isEqualTo(log.get(i));
            }
            assertThat(LogAudit.run(copy).ok()).isTrue();
            try (Log again = store.staticify(log)) {
                assertThat(again.key()).isEqualTo(copy.key());
            }
            assertThatThrownBy(() -> copy.append(new byte[1]))
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
        }
    }

    @Test
    void aStaticCopyNeedsAllBlocks() {
        log.clear(3, 4);
        assertThatThrownBy(() -> store.staticify(log)).extracting("code").isEqualTo("ERR_NOT_FOUND");
        try (Log empty = store.log("empty")) {
            assertThatThrownBy(() -> store.staticify(empty)).extracting("code").isEqualTo("BAD_ARGUMENT");
        }
    }

    @Test
    void sweepingKeepsWhatWasReadMarkedOrCameLater() {
        log.clear(6, 7);
        LogMarks marks = log.startMarking();
        assertThat(marks.get(2)).isEqualTo(log.get(2));
        marks.mark(10, 13);
        marks.mark(19, 500);
        log.append(new byte[5]);
        marks.sweep();
        List<Long> left = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            if (log.has(i)) {
                left.add(i);
            }
        }
        assertThat(left).containsExactly(2L, 10L, 11L, 12L, 19L, 20L);
        marks.sweep();
        assertThat(log.presentCount()).isEqualTo(6);
    }

    @Test
    void marksOfAnotherForkSweepNothing() {
        LogMarks marks = log.startMarking();
        log.truncate(19);
        assertThatThrownBy(marks::sweep).extracting("code").isEqualTo("INVALID_OPERATION");
        assertThat(log.presentCount()).isEqualTo(19);
    }

    @Test
    void eventsComeInOrderOnTheThreadOfTheExecutor() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "events"));
        List<String> heard = new ArrayList<>();
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        LogListener listener = new LogListener() {
            private void hear(String what) {
                heard.add(Thread.currentThread().getName() + ": " + what);
            }

            @Override
            public void blocksStored(Log changed, long start, long count) {
                try {
                    // The writer goes on while this one is still busy.
                    assertThat(released.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                hear("stored " + start);
            }

            @Override
            public void truncated(Log changed, long length, long fork) {
                hear("truncated " + length);
                throw new IllegalStateException("a listener that fails");
            }

            @Override
            public void blocksCleared(Log changed, long start, long count) {
                hear("cleared " + start);
            }

            @Override
            public void blockSent(Log changed, long index, int bytes) {
                hear("sent " + index + " with " + bytes);
            }

            @Override
            public void closed(Log changed) {
                hear("closed");
                done.countDown();
            }
        };
        try {
            AutoCloseable listening = log.listen(listener, executor);
            assertThat(listening).isNotNull();
            log.append(new byte[1]);
            log.append(new byte[1]);
            log.truncate(8);
            log.clear(1, 3);
            log.sent(4, 99);
            released.countDown();
            store.close();
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            executor.shutdown();
        }
        assertThat(heard)
                .containsExactly(
                        "events: stored 20",
                        "events: stored 21",
                        "events: truncated 8",
                        "events: cleared 1",
                        "events: sent 4 with 99",
                        "events: closed");
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTest {

    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    @Test
    void appendedBlocksAreReadBackInEveryWay() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            assertThat(log.length()).isZero();
            assertThat(log.append(bytes("first"))).isEqualTo(1);
            assertThat(log.append(List.of(buffer("second"), buffer(""), buffer("fourth"))))
                    .isEqualTo(4);

            assertThat(log.get(0)).isEqualTo(bytes("first"));
            assertThat(log.get(1)).isEqualTo(bytes("second"));
            assertThat(log.get(2)).isEmpty();
            assertThat(log.getAsync(3).join()).isEqualTo(bytes("fourth"));
            assertThat(log.blockLength(3)).isEqualTo(6);
            assertThat(log.byteLength()).isEqualTo(17);
            List<ByteBuffer> seen = new ArrayList<>();
            assertThat(log.read(1, seen::add)).isTrue();
            assertThat(seen.get(0).isReadOnly()).isTrue();
            assertThat(seen.get(0)).isEqualTo(buffer("second"));
            try (BlockView view = log.view(3).orElseThrow()) {
                assertThat(view.bytes()).isEqualTo(buffer("fourth"));
            }
            assertThat(log.contiguousLength()).isEqualTo(4);
            assertThat(log.presentCount()).isEqualTo(4);
            assertThat(log.has(0, 4)).isTrue();
            assertThat(log.has(0, 5)).isFalse();
            assertThat(log.has(9, 9)).isTrue();
        }
    }

    @Test
    void positionsOfAppendedBuffersStay() {
        ByteBuffer block = buffer("xxabcxx").position(2).limit(5);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(10).put(bytes("0123456789")).flip().position(4);
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            log.append(List.of(block, direct, direct.asReadOnlyBuffer()));
            assertThat(block.position()).isEqualTo(2);
            assertThat(direct.position()).isEqualTo(4);
            assertThat(log.get(0)).isEqualTo(bytes("abc"));
            assertThat(log.get(1)).isEqualTo(bytes("456789"));
            assertThat(log.get(2)).isEqualTo(bytes("456789"));
        }
    }

    @Test
    void everythingIsThereAfterReopening() {
        TreeHead head;
        Key key;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            for (int i = 0; i < 300; i++) {
                log.append(bytes("block " + i));
            }
            head = log.head();
            key = log.key();
        }
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            assertThat(log.key()).isEqualTo(key);
            assertThat(log.head().treeHash()).isEqualTo(head.treeHash());
            assertThat(log.head().signature()).isEqualTo(head.signature());
            assertThat(log.length()).isEqualTo(300);
            assertThat(log.contiguousLength()).isEqualTo(300);
            for (int i = 0; i < 300; i++) {
                assertThat(log.get(i)).isEqualTo(bytes("block " + i));
            }
            log.append(bytes("one more"));
            assertThat(log.get(300)).isEqualTo(bytes("one more"));
        }
    }

    @Test
    void absentBlocksFailAtOnceWithoutAnybodyToAsk() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            log.append(bytes("only"));
            assertThatThrownBy(() -> log.get(1))
                    .isInstanceOf(EspalierException.class)
                    .hasMessageContaining("Block 1")
                    .extracting("code")
                    .isEqualTo("ERR_NOT_FOUND");
            assertThatThrownBy(() -> log.get(-1)).isInstanceOf(EspalierException.class);
            assertThatThrownBy(() -> log.get(1, Duration.ofDays(1))).isInstanceOf(EspalierException.class);
            assertThat(log.getAsync(7)).isCompletedExceptionally();
            assertThat(log.read(1, block -> {})).isFalse();
            assertThat(log.view(1)).isEmpty();
            assertThat(log.blockLength(1)).isEqualTo(-1);
        }
    }

    @Test
    void emptyAppendChangesNothing() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            log.append(bytes("a"));
            TreeHead before = log.head();
            assertThat(log.append(List.of())).isEqualTo(1);
            assertThat(log.head()).isSameAs(before);
        }
    }

    @Test
    void tooLargeBlocksAreRefused() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            assertThatThrownBy(() -> log.append(new byte[Log.MAX_BLOCK_BYTES + 1]))
                    .isInstanceOf(EspalierException.class)
                    .extracting("code")
                    .isEqualTo("BAD_ARGUMENT");
            assertThat(log.length()).isZero();
            log.append(new byte[Log.MAX_BLOCK_BYTES]);
            assertThat(log.get(0)).hasSize(Log.MAX_BLOCK_BYTES);
        }
    }

    @Test
    void readersCannotAppend() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(Key.of(new byte[32]))) {
            assertThat(log.writable()).isFalse();
            assertThat(log.manifest()).isNull();
            assertThatThrownBy(() -> log.append(bytes("no")))
                    .isInstanceOf(EspalierException.class)
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
        }
    }

    @Test
    void handlesShareOneLog() {
        try (LogStore store = LogStore.open(folder)) {
            Log one = store.log("events");
            Log two = store.log(one.key());
            Log three = two.session();
            one.append(bytes("a"));
            assertThat(two.length()).isEqualTo(1);
            assertThat(two.writable()).isTrue();
            two.append(bytes("b"));
            one.close();
            one.close();
            assertThatThrownBy(one::length).isInstanceOf(IllegalStateException.class);
            two.close();
            assertThat(three.get(1)).isEqualTo(bytes("b"));
            three.close();
            try (Log again = store.log("events")) {
                assertThat(again.length()).isEqualTo(2);
            }
        }
    }

    @Test
    void userDataIsKept() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            assertThat(log.userData("note")).isNull();
            log.userData("note", bytes("hello"));
            log.userData("other", bytes("x"));
            log.userData("other", null);
        }
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("events")) {
            assertThat(log.userData("note")).isEqualTo(bytes("hello"));
            assertThat(log.userData("other")).isNull();
            assertThat(log.writable()).isTrue();
        }
    }

    @Test
    void everyDurabilityAppendsAndReopens() {
        for (Durability durability : Durability.values()) {
            Path place = folder.resolve(durability.name());
            try (LogStore store = LogStore.open(place);
                    Log log = store.log("events")) {
                log.append(List.of(buffer("a"), buffer("b")), durability);
                log.sync();
            }
            try (LogStore store = LogStore.open(place);
                    Log log = store.log("events")) {
                assertThat(log.length()).isEqualTo(2);
                assertThat(log.get(1)).isEqualTo(bytes("b"));
            }
        }
    }
}

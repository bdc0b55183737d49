package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedLogTest {

    private static final int LENGTH = 11;

    @TempDir
    Path folder;

    private Key key;

    @BeforeEach
    void make() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("x")) {
            for (int i = 0; i < LENGTH; i++) {
                log.append(block(i));
            }
            key = log.key();
        }
    }

    private static byte[] block(int i) {
        return ("block " + i).getBytes(UTF_8);
    }

    private void flip(FileKind kind, long from, long to) throws IOException {
        Path file = LogFolder.of(folder, key.discoveryKey()).file(kind);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
            channel.read(bytes, from);
            for (int i = 0; i < bytes.position(); i++) {
                bytes.put(i, (byte) ~bytes.get(i));
            }
            channel.write(bytes.flip(), from);
        }
    }

    private void damageTheLastRoot() throws IOException {
        long[] roots = FlatTree.roots(LENGTH);
        long at = SegmentFile.HEADER_BYTES + roots[0] * TreeFile.RECORD_BYTES;
        flip(FileKind.TREE, at, at + TreeFile.RECORD_BYTES);
    }

    @Test
    void allBlocksOfALogWithADamagedRootAreReadAndVerified() throws IOException {
        damageTheLastRoot();
        try (LogStore store = LogStore.open(folder)) {
            assertThatThrownBy(() -> store.log(key)).isInstanceOf(CorruptLogException.class);
            try (DamagedLog damaged = store.damaged(key).orElseThrow()) {
                assertThat(damaged.key()).isEqualTo(key);
                assertThat(damaged.length()).isEqualTo(LENGTH);
                for (int i = 0; i < LENGTH; i++) {
                    assertThat(damaged.has(i)).isTrue();
                    assertThat(damaged.get(i)).isEqualTo(block(i));
                }
                assertThat(damaged.verify()).isTrue();
            }
        }
    }

    @Test
    void aDamagedBlockIsNotGivenOut() throws IOException {
        damageTheLastRoot();
        flip(FileKind.DATA, DataFile.HEADER_BYTES + 3, DataFile.HEADER_BYTES + 4);
        try (LogStore store = LogStore.open(folder);
                DamagedLog damaged = store.damaged(key).orElseThrow()) {
            assertThat(damaged.has(0)).isFalse();
            assertThatThrownBy(() -> damaged.get(0))
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining("data");
            assertThat(damaged.get(1)).isEqualTo(block(1));
            assertThat(damaged.has(LENGTH)).isFalse();
            assertThat(damaged.has(-1)).isFalse();
            assertThat(damaged.verify()).isFalse();
        }
    }

    @Test
    void blocksAreThereWithoutAnyHead() throws IOException {
        flip(
                FileKind.HEAD,
                SegmentFile.HEADER_BYTES,
                SegmentFile.HEADER_BYTES + HeadDescriptor.PAGES * HeadDescriptor.PAGE);
        try (LogStore store = LogStore.open(folder)) {
            assertThatThrownBy(() -> store.log(key)).isInstanceOf(CorruptLogException.class);
            try (DamagedLog damaged = store.damaged(key).orElseThrow()) {
                assertThat(damaged.length()).isEqualTo(LENGTH);
                assertThat(damaged.get(LENGTH - 1)).isEqualTo(block(LENGTH - 1));
                assertThat(damaged.verify()).isFalse();
            }
        }
    }

    @Test
    void aLogThatIsOpenOrUnknownIsNoneOfIt() {
        byte[] other = new byte[32];
        Arrays.fill(other, (byte) 7);
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(key)) {
            assertThat(log.length()).isEqualTo(LENGTH);
            assertThatThrownBy(() -> store.damaged(key)).isInstanceOf(IllegalStateException.class);
            assertThat(store.damaged(Key.of(other))).isEmpty();
        }
    }
}

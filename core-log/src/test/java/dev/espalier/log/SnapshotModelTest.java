package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** Random appends, truncations, clears and snapshots of a log, encrypted or not, beside lists that do the same. */
@Tag("exhaustive")
class SnapshotModelTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 14);

    /** Something done to a log; numbers are parts of its length in percent. */
    sealed interface Action {}

    record Append(List<byte[]> blocks) implements Action {}

    record Truncate(int part) implements Action {}

    record Clear(int from, int to) implements Action {}

    record Snap() implements Action {}

    record Release(int which) implements Action {}

    record Reopen() implements Action {}

    /** What a snapshot must say. */
    private static final class Copy {

        private final LogSnapshot snapshot;
        private final List<byte[]> blocks;
        private final Hash treeHash;
        private final Hash half;
        private final long fork;
        private final long byteLength;
        /** From {@link #signedLength} on: which blocks were held when they were cut. */
        private final boolean[] kept;

        private int signedLength;

        Copy(Log log, List<byte[]> blocks) {
            this.snapshot = log.snapshot();
            this.blocks = List.copyOf(blocks);
            this.treeHash = log.treeHash();
            this.half = log.treeHash(blocks.size() / 2);
            this.fork = log.fork();
            this.byteLength = log.byteLength();
            this.kept = new boolean[blocks.size()];
            this.signedLength = blocks.size();
        }

        void cut(int length, List<Boolean> held) {
            for (int i = length; i < signedLength; i++) {
                kept[i] = held.get(i);
            }
            signedLength = Math.min(signedLength, length);
        }

        void check(List<Boolean> held) {
            assertThat(snapshot.length()).isEqualTo(blocks.size());
            assertThat(snapshot.signedLength()).isEqualTo(signedLength);
            assertThat(snapshot.fork()).isEqualTo(fork);
            assertThat(snapshot.treeHash()).isEqualTo(treeHash);
            assertThat(snapshot.treeHash(blocks.size())).isEqualTo(treeHash);
            assertThat(snapshot.treeHash(blocks.size() / 2)).isEqualTo(half);
            assertThat(snapshot.byteLength()).isEqualTo(byteLength);
            long offset = 0;
            for (int i = 0; i < blocks.size(); i++) {
                int index = i;
                boolean here = i < signedLength ? held.get(i) : kept[i];
                assertThat(snapshot.has(i)).isEqualTo(here);
                if (here) {
                    assertThat(snapshot.get(i, Duration.ZERO)).isEqualTo(blocks.get(i));
                    assertThat(snapshot.blockLength(i)).isEqualTo(blocks.get(i).length);
                } else {
                    assertThatThrownBy(() -> snapshot.get(index, Duration.ZERO))
                            .extracting("code")
                            .isEqualTo(i < signedLength ? "ERR_NOT_FOUND" : "SNAPSHOT_NOT_AVAILABLE");
                }
                if (blocks.get(i).length > 1) {
                    assertThat(snapshot.seek(offset + 1)).hasValue(new Log.Position(i, 1));
                }
                offset += blocks.get(i).length;
            }
            assertThat(snapshot.seek(offset + 1)).isEmpty();
            assertThatThrownBy(() -> snapshot.get(blocks.size(), Duration.ZERO))
                    .extracting("code")
                    .isEqualTo("ERR_NOT_FOUND");
        }
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<byte[]> block = Combinators.combine(
                        Arbitraries.integers().between(0, 255),
                        Arbitraries.frequencyOf(
                                Tuple.of(19, Arbitraries.integers().between(0, 30)),
                                Tuple.of(1, Arbitraries.integers().between(31, 9000))))
                .as((fill, length) -> {
                    byte[] bytes = new byte[length];
                    Arrays.fill(bytes, fill.byteValue());
                    return bytes;
                });
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 100);
        return Arbitraries.<Action>frequencyOf(
                        Tuple.of(8, block.list().ofMaxSize(9).map(Append::new)),
                        Tuple.of(3, part.map(Truncate::new)),
                        Tuple.of(3, Combinators.combine(part, part).as(Clear::new)),
                        Tuple.of(3, Arbitraries.just(new Snap())),
                        Tuple.of(1, part.map(Release::new)),
                        Tuple.of(1, Arbitraries.just(new Reopen())))
                .list()
                .ofMaxSize(16);
    }

    @Property
    void snapshotsStayAsTheyWereAndTheLogIsAListOfBlocks(
            @ForAll("actions") List<Action> actions, @ForAll boolean encrypted) throws IOException {
        Path folder = Files.createTempDirectory("snapshot-model");
        LogOptions options = encrypted ? LogOptions.encrypted(new byte[32]) : LogOptions.PLAIN;
        LogStore store = open(folder);
        try {
            Log log = store.log("model", options);
            List<byte[]> model = new ArrayList<>();
            List<Boolean> held = new ArrayList<>();
            List<Copy> copies = new ArrayList<>();
            for (Action action : actions) {
                int size = model.size();
                if (action instanceof Append append) {
                    model.addAll(append.blocks());
                    append.blocks().forEach(block -> held.add(true));
                    log.append(append.blocks().stream().map(ByteBuffer::wrap).toList());
                } else if (action instanceof Truncate truncate) {
                    int keep = size * truncate.part() / 100;
                    copies.forEach(copy -> copy.cut(keep, held));
                    model.subList(keep, size).clear();
                    held.subList(keep, size).clear();
                    log.truncate(keep);
                } else if (action instanceof Clear clear) {
                    int from = size * Math.min(clear.from(), clear.to()) / 100;
                    int to = size * Math.max(clear.from(), clear.to()) / 100;
                    held.subList(from, to).replaceAll(was -> false);
                    log.clear(from, to);
                } else if (action instanceof Snap) {
                    copies.add(new Copy(log, model));
                } else if (action instanceof Release release) {
                    if (!copies.isEmpty()) {
                        copies.remove(release.which() * (copies.size() - 1) / 100)
                                .snapshot
                                .close();
                    }
                } else {
                    copies.clear();
                    store.close();
                    store = open(folder);
                    log = store.log("model", options);
                }
                compare(log, model, held);
                copies.forEach(copy -> copy.check(held));
            }
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
        } finally {
            store.close();
            LogModelTest.delete(folder);
        }
    }

    private static void compare(Log log, List<byte[]> model, List<Boolean> held) {
        assertThat(log.length()).isEqualTo(model.size());
        int absent = held.indexOf(false);
        assertThat(log.contiguousLength()).isEqualTo(absent < 0 ? model.size() : absent);
        assertThat(log.presentCount())
                .isEqualTo(held.stream().filter(here -> here).count());
        for (int i = 0; i < model.size(); i++) {
            assertThat(log.has(i)).isEqualTo(held.get(i));
            if (held.get(i)) {
                assertThat(log.get(i, Duration.ZERO)).isEqualTo(model.get(i));
            }
        }
    }

    private static LogStore open(Path folder) {
        return LogStore.open(folder, StoreOptions.defaults().withPrimaryKey(new byte[32]), new HastyStorage(), SMALL);
    }
}

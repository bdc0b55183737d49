package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** Random operations on a log and on a list of blocks: both tell the same. */
@Tag("exhaustive")
class LogModelTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 14);

    /** Something done to a log. */
    sealed interface Action {}

    record Append(List<byte[]> blocks, Durability durability) implements Action {}

    record Truncate(int part) implements Action {}

    record Reopen() implements Action {}

    record Read(int part) implements Action {}

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<byte[]> block = Arbitraries.integers()
                .between(0, 255)
                .flatMap(fill -> Arbitraries.frequencyOf(
                                Tuple.of(9, Arbitraries.integers().between(0, 40)),
                                Tuple.of(1, Arbitraries.integers().between(41, 9000)))
                        .map(length -> {
                            byte[] bytes = new byte[length];
                            Arrays.fill(bytes, fill.byteValue());
                            return bytes;
                        }));
        Arbitrary<Action> append = Combinators.combine(
                        block.list().ofMaxSize(9),
                        Arbitraries.frequency(
                                Tuple.of(20, Durability.NONE),
                                Tuple.of(1, Durability.DATA),
                                Tuple.of(1, Durability.FULL)))
                .as(Append::new);
        Arbitrary<Action> truncate = Arbitraries.integers().between(0, 100).map(Truncate::new);
        Arbitrary<Action> read = Arbitraries.integers().between(0, 120).map(Read::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(10, append),
                        Tuple.of(2, truncate),
                        Tuple.of(3, read),
                        Tuple.of(2, Arbitraries.just(new Reopen())))
                .list()
                .ofMaxSize(40);
    }

    @Property
    void aLogIsAListOfBlocks(@ForAll("actions") List<Action> actions) throws IOException {
        Path folder = Files.createTempDirectory("log-model");
        LogStore store = open(folder);
        try {
            Log log = store.log("model");
            List<byte[]> model = new ArrayList<>();
            long fork = 0;
            for (Action action : actions) {
                if (action instanceof Append append) {
                    List<ByteBuffer> blocks =
                            append.blocks().stream().map(ByteBuffer::wrap).toList();
                    model.addAll(append.blocks());
                    assertThat(log.append(blocks, append.durability())).isEqualTo(model.size());
                } else if (action instanceof Truncate truncate) {
                    int keep = model.size() * truncate.part() / 100;
                    model.subList(keep, model.size()).clear();
                    log.truncate(keep);
                    fork++;
                } else if (action instanceof Read read) {
                    read(log, model, model.size() * read.part() / 100);
                } else {
                    store.close();
                    store = open(folder);
                    log = store.log("model");
                }
                compare(log, model, fork);
            }
            for (int i = 0; i < model.size(); i++) {
                read(log, model, i);
            }
            LogAudit.Report report = LogAudit.run(log);
            assertThat(report.bad()).isEmpty();
            assertThat(report.blocks()).isEqualTo(model.size());
        } finally {
            store.close();
            delete(folder);
        }
    }

    private static LogStore open(Path folder) {
        return LogStore.open(folder, StoreOptions.defaults().withPrimaryKey(new byte[32]), new HastyStorage(), SMALL);
    }

    private static void read(Log log, List<byte[]> model, int index) {
        if (index < model.size()) {
            assertThat(log.get(index)).isEqualTo(model.get(index));
            assertThat(log.blockLength(index)).isEqualTo(model.get(index).length);
            assertThat(log.has(index)).isTrue();
        } else {
            assertThat(log.has(index)).isFalse();
            assertThat(log.blockLength(index)).isEqualTo(-1);
            assertThatThrownBy(() -> log.get(index)).extracting("code").isEqualTo("ERR_NOT_FOUND");
        }
    }

    private static void compare(Log log, List<byte[]> model, long fork) {
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        Hash half = tree.treeHash();
        for (int i = 0; i < model.size(); i++) {
            tree.append(ByteBuffer.wrap(model.get(i)));
            if (i + 1 == model.size() / 2) {
                half = tree.treeHash();
            }
        }
        assertThat(log.length()).isEqualTo(model.size());
        assertThat(log.fork()).isEqualTo(fork);
        assertThat(log.byteLength()).isEqualTo(tree.byteLength());
        assertThat(log.treeHash()).isEqualTo(tree.treeHash());
        assertThat(log.treeHash(model.size() / 2)).isEqualTo(half);
        assertThat(log.contiguousLength()).isEqualTo(model.size());
        assertThat(log.presentCount()).isEqualTo(model.size());
        assertThat(log.has(0, model.size())).isTrue();
        assertThat(log.nextAbsent(0, Long.MAX_VALUE)).isEqualTo(model.size());
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;

/** Random changes of a log and two branches of it, and commits, beside lists that do the same. */
@Tag("exhaustive")
class BranchModelTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 14);

    /** Something done to the log, or to a branch; numbers are parts of lengths in percent. */
    sealed interface Action {}

    record Append(List<byte[]> blocks) implements Action {}

    record Truncate(int part, boolean atom) implements Action {}

    record Open(boolean which) implements Action {}

    record Close(boolean which) implements Action {}

    record BranchAppend(boolean which, List<byte[]> blocks) implements Action {}

    record BranchTruncate(boolean which, int part) implements Action {}

    record Restart(boolean which, int part) implements Action {}

    record Delete(boolean which) implements Action {}

    record Commit(boolean which, int part, Durability durability) implements Action {}

    record Reopen() implements Action {}

    /** What a branch must hold, and the handle on it while there is one. */
    private static final class Twin {

        private final List<byte[]> blocks;
        private long fork;

        Twin(List<byte[]> blocks, long fork) {
            this.blocks = new ArrayList<>(blocks);
            this.fork = fork;
        }
    }

    /** The log and its branches, and what they must hold. */
    private static final class Run {

        private final Path folder;
        private final List<byte[]> model = new ArrayList<>();
        private final Map<String, Twin> twins = new TreeMap<>();
        private final Map<String, LogBranch> handles = new TreeMap<>();
        private LogStore store;
        private Log log;
        private int commits;

        Run(Path folder) {
            this.folder = folder;
            open();
        }

        void open() {
            store = LogStore.open(
                    folder, StoreOptions.defaults().withPrimaryKey(new byte[32]), new HastyStorage(), SMALL);
            log = store.log("model");
        }

        /** The branch, which begins now if there is none. */
        LogBranch branch(String name) {
            twins.computeIfAbsent(name, key -> new Twin(model, log.fork()));
            return handles.computeIfAbsent(name, key -> log.branch(name));
        }

        void forget(String name) {
            LogBranch handle = handles.remove(name);
            if (handle != null) {
                handle.close();
            }
        }

        void act(Action action) {
            if (action instanceof Append append) {
                model.addAll(append.blocks());
                log.append(buffers(append.blocks()));
            } else if (action instanceof Truncate truncate) {
                truncate(model.size() * truncate.part() / 100, truncate.atom());
            } else if (action instanceof Open open) {
                branch(name(open.which()));
            } else if (action instanceof Close close) {
                forget(name(close.which()));
            } else if (action instanceof BranchAppend append) {
                LogBranch branch = branch(name(append.which()));
                twins.get(branch.name()).blocks.addAll(append.blocks());
                branch.append(buffers(append.blocks()));
            } else if (action instanceof BranchTruncate truncate) {
                LogBranch branch = branch(name(truncate.which()));
                Twin twin = twins.get(branch.name());
                int length = twin.blocks.size() * truncate.part() / 100;
                twin.blocks.subList(length, twin.blocks.size()).clear();
                twin.fork++;
                branch.truncate(length);
            } else if (action instanceof Restart restart) {
                int length = model.size() * restart.part() / 100;
                String name = name(restart.which());
                forget(name);
                twins.put(name, new Twin(model.subList(0, length), log.fork()));
                handles.put(name, log.newBranch(name, length));
            } else if (action instanceof Delete delete) {
                String name = name(delete.which());
                assertThat(log.deleteBranch(name)).isEqualTo(twins.remove(name) != null);
                forget(name);
            } else if (action instanceof Commit commit) {
                commit(commit);
            } else {
                handles.clear();
                store.close();
                open();
            }
        }

        private void truncate(int length, boolean atomic) {
            model.subList(length, model.size()).clear();
            if (atomic) {
                try (Atom atom = store.atom()) {
                    atom.truncate(log, length);
                    atom.append(log, new byte[] {1});
                    atom.commit();
                }
                model.add(new byte[] {1});
            } else {
                log.truncate(length);
            }
        }

        private void commit(Commit commit) {
            LogBranch branch = branch(name(commit.which()));
            List<byte[]> blocks = twins.get(branch.name()).blocks;
            int end = blocks.size() * commit.part() / 100;
            CommitOptions options = CommitOptions.DEFAULT.withLength(end).withDurability(commit.durability());
            boolean continues = model.size() <= end && common(blocks) == model.size();
            try {
                assertThat(log.commit(branch, options)).isEqualTo(end);
                assertThat(continues).isTrue();
                model.addAll(blocks.subList(model.size(), end));
                commits++;
            } catch (EspalierException e) {
                assertThat(e.code()).isEqualTo("ERR_DIVERGED");
                assertThat(continues).isFalse();
            }
        }

        private int common(List<byte[]> blocks) {
            int most = Math.min(blocks.size(), model.size());
            for (int i = 0; i < most; i++) {
                if (!Arrays.equals(blocks.get(i), model.get(i))) {
                    return i;
                }
            }
            return most;
        }

        void check() {
            assertThat(log.length()).isEqualTo(model.size());
            assertThat(log.contiguousLength()).isEqualTo(model.size());
            for (int i = 0; i < model.size(); i++) {
                assertThat(log.get(i)).isEqualTo(model.get(i));
            }
            assertThat(log.branches()).containsExactlyElementsOf(twins.keySet());
            handles.forEach((name, branch) -> {
                Twin twin = twins.get(name);
                assertThat(branch.length()).isEqualTo(twin.blocks.size());
                assertThat(branch.fork()).isEqualTo(twin.fork);
                assertThat(branch.signedLength()).isEqualTo(common(twin.blocks));
                TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
                for (int i = 0; i < twin.blocks.size(); i++) {
                    assertThat(branch.get(i, Duration.ZERO)).isEqualTo(twin.blocks.get(i));
                    assertThat(branch.blockLength(i)).isEqualTo(twin.blocks.get(i).length);
                    assertThat(branch.treeHash(i)).isEqualTo(tree.treeHash());
                    tree.append(ByteBuffer.wrap(twin.blocks.get(i)));
                }
                assertThat(branch.treeHash()).isEqualTo(tree.treeHash());
                assertThat(branch.byteLength()).isEqualTo(tree.byteLength());
            });
        }
    }

    private static String name(boolean which) {
        return which ? "one" : "two";
    }

    private static List<ByteBuffer> buffers(List<byte[]> blocks) {
        return blocks.stream().map(ByteBuffer::wrap).toList();
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<byte[]> block = Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.frequencyOf(
                                Tuple.of(19, Arbitraries.integers().between(0, 3)),
                                Tuple.of(1, Arbitraries.integers().between(4, 9000))))
                .as((fill, length) -> {
                    byte[] bytes = new byte[length];
                    Arrays.fill(bytes, fill.byteValue());
                    return bytes;
                });
        Arbitrary<List<byte[]>> blocks = block.list().ofMaxSize(6);
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 100);
        Arbitrary<Boolean> which = Arbitraries.of(true, false);
        Arbitrary<Integer> mostlyAll = Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just(100)), Tuple.of(1, part));
        return Arbitraries.<Action>frequencyOf(
                        Tuple.of(3, blocks.map(Append::new)),
                        Tuple.of(2, Combinators.combine(part, which).as(Truncate::new)),
                        Tuple.of(2, which.map(Open::new)),
                        Tuple.of(2, which.map(Close::new)),
                        Tuple.of(6, Combinators.combine(which, blocks).as(BranchAppend::new)),
                        Tuple.of(2, Combinators.combine(which, part).as(BranchTruncate::new)),
                        Tuple.of(1, Combinators.combine(which, part).as(Restart::new)),
                        Tuple.of(1, which.map(Delete::new)),
                        Tuple.of(
                                5,
                                Combinators.combine(which, mostlyAll, Arbitraries.of(Durability.values()))
                                        .as(Commit::new)),
                        Tuple.of(2, Arbitraries.just(new Reopen())))
                .list()
                .ofMaxSize(20);
    }

    private static int committed;

    @Property(tries = 1000)
    void aLogAndItsBranchesAreListsOfBlocks(@ForAll("actions") List<Action> actions) throws IOException {
        Path folder = Files.createTempDirectory("branch-model");
        Run run = new Run(folder);
        try {
            for (Action action : actions) {
                run.act(action);
                run.check();
            }
            // Those without a handle, too.
            List.copyOf(run.twins.keySet()).forEach(run::branch);
            run.check();
            assertThat(LogAudit.run(run.log).bad()).isEmpty();
        } finally {
            run.store.close();
            LogModelTest.delete(folder);
        }
        committed += run.commits;
    }

    @AfterContainer
    static void someWereCommitted() {
        assertThat(committed).isGreaterThan(100);
    }
}

package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer is halted before each of its changes to the disk in turn, with all locks that it holds, while another thread
 * reads everything: it does not wait, and sees the log as it was before the step or as it is after it, every block of it
 * whole.
 */
class ReadersNeverWaitTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    @TempDir
    Path temp;

    private final ExecutorService readers = Executors.newSingleThreadExecutor();
    private PowerLossStorage storage;
    private LogStore store;
    private Log first;
    private Log second;

    /** What the logs were before the step, and what they are to be after it. */
    private List<State> before = List.of();

    private List<State> after = List.of();
    private String step = "";
    private int halts;
    private int seenNew;

    /** A log as somebody may see it; a block that is null may be there or not. */
    private record State(long fork, List<String> blocks) {}

    @BeforeEach
    void open() throws Exception {
        Path folder = Files.createDirectories(temp.resolve("store"));
        storage = new PowerLossStorage(folder);
        store = LogStore.open(folder, StoreOptions.defaults(), storage, SMALL);
        first = store.log("first");
        second = store.log("second");
        before = List.of(new State(0, List.of()), new State(0, List.of()));
    }

    @AfterEach
    void close() {
        storage.beforeChange(() -> {});
        store.close();
        readers.shutdownNow();
    }

    private static List<String> grow(List<String> blocks, int count, String word) {
        List<String> more = new ArrayList<>(blocks);
        for (int i = 0; i < count; i++) {
            more.add(word + " " + more.size() + "-".repeat(more.size() * 17 % 300));
        }
        return more;
    }

    private static List<ByteBuffer> from(State state, int start) {
        return state.blocks().subList(start, state.blocks().size()).stream()
                .map(block -> ByteBuffer.wrap(block.getBytes(UTF_8)))
                .toList();
    }

    /** Does something that leads to {@code next}, and looks at the logs at each of its changes. */
    private void step(String name, State nextOfFirst, State nextOfSecond, Runnable work) {
        step = name;
        after = List.of(nextOfFirst, nextOfSecond);
        int halted = halts;
        storage.beforeChange(this::halt);
        work.run();
        storage.beforeChange(() -> {});
        assertThat(halts).as("changes of %s", name).isGreaterThan(halted);
        before = after;
        halt();
    }

    private void halt() {
        halts++;
        try {
            readers.submit(() -> {
                        look(first, before.get(0), after.get(0));
                        look(second, before.get(1), after.get(1));
                    })
                    .get(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("a reader at change " + halts + ", during " + step, e);
        }
    }

    private void look(Log log, State old, State next) {
        TreeHead head = log.head();
        boolean published =
                head.fork() != old.fork() || head.length() != old.blocks().size();
        seenNew += published ? 1 : 0;
        State state = published ? next : old;
        assertThat(head.fork()).isEqualTo(state.fork());
        assertThat(head.length()).isEqualTo(state.blocks().size());
        Hash rebuilt = treeHash(state);
        if (rebuilt != null) {
            assertThat(head.treeHash()).isEqualTo(rebuilt);
        }
        // Where a log is cut and grows in one step, what is new is not held until all of it is there.
        boolean rewritten = published && next.fork() != old.fork();
        long present = 0;
        for (int i = 0; i < state.blocks().size(); i++) {
            String expected = state.blocks().get(i);
            boolean held = log.has(i);
            assertThat(held || expected == null || rewritten)
                    .as("block %d is held", i)
                    .isTrue();
            if (held && expected != null) {
                present++;
                assertThat(new String(log.get(i, Duration.ZERO), UTF_8)).isEqualTo(expected);
                assertThat(log.read(
                                i,
                                block -> assertThat(UTF_8.decode(block).toString())
                                        .isEqualTo(expected)))
                        .isTrue();
            }
        }
        assertThat(log.presentCount()).isGreaterThanOrEqualTo(rewritten ? 0 : present);
        assertThat(log.contiguousLength()).isBetween(0L, head.length());
        assertThat(log.nextAbsent(0, head.length())).isBetween(0L, head.length());
        assertThat(log.seek(0)).isPresent();
    }

    private static @Nullable Hash treeHash(State state) {
        if (state.blocks().stream().anyMatch(Objects::isNull)) {
            return null;
        }
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        state.blocks().forEach(block -> tree.append(ByteBuffer.wrap(block.getBytes(UTF_8))));
        return tree.treeHash();
    }

    private void append(int count, Durability durability) {
        State old = before.get(0);
        State next = new State(old.fork(), grow(old.blocks(), count, "appended"));
        step(
                "append " + durability,
                next,
                before.get(1),
                () -> first.append(from(next, old.blocks().size()), durability));
    }

    private void truncate(int length) {
        State old = before.get(0);
        State next = new State(old.fork() + 1, old.blocks().subList(0, length));
        step("truncate", next, before.get(1), () -> first.truncate(length));
    }

    /** Cuts the first log where {@code keep} is not negative; appends to both. */
    private void atom(int keep, Durability durability) {
        State one = before.get(0);
        State two = before.get(1);
        List<String> base = keep < 0 ? one.blocks() : one.blocks().subList(0, keep);
        State nextOne = new State(one.fork() + (keep < 0 ? 0 : 1), grow(base, 5, "in an atom"));
        State nextTwo = new State(two.fork(), grow(two.blocks(), 3, "in an atom"));
        step("atom " + keep, nextOne, nextTwo, () -> {
            try (Atom atom = store.atom()) {
                if (keep >= 0) {
                    atom.truncate(first, keep);
                }
                atom.append(first, from(nextOne, base.size()));
                atom.append(second, from(nextTwo, two.blocks().size()));
                atom.commit(durability);
            }
        });
    }

    @Test
    void readersSeeTheOldStateOrTheNewWhereverAWriterIsHalted() {
        append(1, Durability.NONE);
        append(30, Durability.FULL);
        atom(-1, Durability.NONE);
        LogSnapshot snapshot = first.snapshot();
        List<String> frozen = before.get(0).blocks();
        truncate(9);
        append(12, Durability.DATA);
        atom(14, Durability.FULL);
        append(3, Durability.NONE);
        for (int i = 0; i < frozen.size(); i++) {
            assertThat(new String(snapshot.get(i), UTF_8)).isEqualTo(frozen.get(i));
        }
        snapshot.close();
        List<String> cleared = new ArrayList<>(before.get(0).blocks());
        for (int i = 4; i < 12; i++) {
            cleared.set(i, null);
        }
        State clearing = new State(before.get(0).fork(), cleared);
        before = List.of(clearing, before.get(1));
        step("clear", clearing, before.get(1), () -> first.clear(4, 12));
        State now = before.get(0);
        step("sync", now, before.get(1), first::sync);
        assertThat(seenNew).isPositive();
        System.out.println("readers beside a halted writer: " + halts + " halts, " + seenNew
                + " of them with the new head before the step was over");
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One scripted run over a writer and a sparse reader, with the power lost before each of its changes: whatever part of
 * what was not forced survives, all that was promised is there, and nothing is seen that never was.
 */
@Tag("exhaustive")
class PowerLossTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);
    private static final StoreOptions OPTIONS = StoreOptions.defaults().withPrimaryKey(new byte[32]);
    private static final int SOURCE_BLOCKS = 40;

    /** Runs with different parts written back by the system on its own. */
    private static final int RUNS = Integer.getInteger("espalier.power.runs", 6);

    @TempDir
    Path folder;

    private LogStore sources;
    private Log source;
    private final Set<Long> distinct = new HashSet<>();
    private long cuts;
    private long recoveryCuts;
    private long shortened;

    @BeforeEach
    void makeSource() throws Exception {
        sources = LogStore.open(folder.resolve("source"));
        source = sources.log("source");
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < SOURCE_BLOCKS; i++) {
            blocks.add(ByteBuffer.wrap(
                    ("source " + i + "-".repeat(i > 5 && i < 25 ? 1500 : i)).getBytes(StandardCharsets.UTF_8)));
            if (i == 10 || i == 24) {
                source.append(blocks);
                blocks.clear();
            }
        }
        source.append(blocks);
        Files.createDirectories(folder.resolve("run"));
        Files.createDirectories(folder.resolve("cut"));
    }

    /** What was promised so far, and what may be found. */
    private static final class Promises {

        /** All contents that the own log had, and the one it is about to have. */
        private final List<List<String>> states = new ArrayList<>(List.of(List.of()));

        private int oldestAllowed;
        private int clearingStart;
        private int clearingEnd;
        private final Set<Long> fetched = new TreeSet<>();
        private final Set<Long> fetchedForced = new TreeSet<>();
        private boolean readerUpgraded;
        private boolean readerForced;
        private final Map<String, BranchPromises> branches = new TreeMap<>();
        private String note = "";
        private String nextNote = "";

        List<String> last() {
            return states.get(states.size() - 1);
        }

        void intends(List<String> content) {
            states.add(content);
        }

        /** Whether the own log may have this content; blocks that are being given up go one by one. */
        boolean allow(List<String> found) {
            List<List<String>> allowed = states.subList(oldestAllowed, states.size());
            if (allowed.contains(found)) {
                return true;
            }
            if (clearingEnd == 0 || found.size() < clearingEnd) {
                return false;
            }
            List<String> cleared = new ArrayList<>(found);
            Collections.fill(cleared.subList(clearingStart, clearingEnd), "");
            for (int i = clearingStart; i < clearingEnd; i++) {
                if (!found.get(i).isEmpty()
                        && !found.get(i).equals(states.get(states.size() - 2).get(i))) {
                    return false;
                }
            }
            return cleared.equals(last());
        }

        void forced() {
            oldestAllowed = states.size() - 1;
        }
    }

    /** What a branch held, and is about to hold; null where it was not there. */
    private static final class BranchPromises {

        private final List<@Nullable List<String>> states = new ArrayList<>();
        private int oldestAllowed;

        BranchPromises() {
            states.add(null);
        }

        List<String> last() {
            return Objects.requireNonNull(states.get(states.size() - 1));
        }

        void intends(@Nullable List<String> content) {
            states.add(content == null ? null : List.copyOf(content));
        }

        void forced() {
            oldestAllowed = states.size() - 1;
        }

        boolean allow(@Nullable List<String> found) {
            return states.subList(oldestAllowed, states.size()).contains(found);
        }
    }

    // ---- the run

    private void run(PowerLossStorage storage, Promises promises) {
        for (int session = 0; session < 2; session++) {
            try (LogStore store = LogStore.open(folder.resolve("run"), OPTIONS, storage, SMALL);
                    Log log = store.log("own");
                    Log reader = store.log(source.key())) {
                if (session == 0) {
                    append(log, promises, 1, Durability.NONE);
                    append(log, promises, 3, Durability.NONE);
                    append(log, promises, 2, Durability.DATA);
                    append(log, promises, 9, Durability.NONE);
                    follow(reader, promises, 7);
                    append(log, promises, 1, Durability.NONE);
                    append(log, promises, 4, Durability.FULL);
                    note(log, promises, "one");
                    branch(log, promises, "draft", -1);
                    append(log, promises, "draft", 2, Durability.NONE);
                    append(log, promises, "draft", 3, Durability.DATA);
                    truncate(log, promises, 11);
                    append(log, promises, 6, Durability.NONE);
                    branch(log, promises, "next", -1);
                    append(log, promises, "next", 2, Durability.NONE);
                    commit(log, promises, "next", 18, Durability.NONE);
                    append(log, promises, "next", 1, Durability.NONE);
                    commit(log, promises, "next", 20, Durability.DATA);
                    truncate(log, promises, 17);
                    append(log, promises, 20, Durability.NONE);
                    reader.sync();
                    promises.fetchedForced.addAll(promises.fetched);
                    promises.readerForced = promises.readerUpgraded;
                    clear(log, promises, 22, 34);
                    append(log, promises, 2, Durability.NONE);
                } else {
                    append(log, promises, 1, Durability.NONE);
                    follow(reader, promises, 2);
                    reader.sync();
                    promises.fetchedForced.addAll(promises.fetched);
                    for (long block = 8; block < 22; block++) {
                        promises.fetched.remove(block);
                        promises.fetchedForced.remove(block);
                    }
                    reader.clear(8, 22);
                    follow(reader, promises, 3);
                    truncate(log, promises, "draft", 8);
                    append(log, promises, "draft", 1, Durability.NONE);
                    branch(log, promises, "draft", 5);
                    append(log, promises, "draft", 2, Durability.NONE);
                    truncate(log, promises, 3);
                    delete(log, promises, "next");
                    append(log, promises, 2, Durability.NONE);
                    log.sync();
                    promises.forced();
                    note(log, promises, "two");
                    append(log, promises, 5, Durability.NONE);
                    append(log, promises, 3, Durability.DATA);
                    follow(reader, promises, 5);
                }
            }
            // A close is a force.
            promises.forced();
            promises.branches.values().forEach(BranchPromises::forced);
            promises.fetchedForced.addAll(promises.fetched);
            promises.readerForced = promises.readerUpgraded;
        }
    }

    /** Makes a branch: at the head, or at {@code length} in place of the one that has the name. */
    private static void branch(Log log, Promises promises, String name, int length) {
        BranchPromises branch = promises.branches.computeIfAbsent(name, key -> new BranchPromises());
        branch.intends(length < 0 ? promises.last() : promises.last().subList(0, length));
        (length < 0 ? log.branch(name) : log.newBranch(name, length)).close();
        branch.forced();
    }

    private static void append(Log log, Promises promises, String name, int count, Durability durability) {
        BranchPromises branch = promises.branches.get(name);
        List<String> wanted = new ArrayList<>(branch.last());
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String block = name + " " + wanted.size() + " " + "y".repeat(wanted.size() * 97 % 1300);
            wanted.add(block);
            batch.add(ByteBuffer.wrap(block.getBytes(StandardCharsets.UTF_8)));
        }
        branch.intends(wanted);
        try (LogBranch open = log.branch(name)) {
            open.append(batch, durability);
            if (durability != Durability.NONE) {
                branch.forced();
            }
        }
        branch.forced(); // Closing it is a force.
    }

    private static void truncate(Log log, Promises promises, String name, int length) {
        BranchPromises branch = promises.branches.get(name);
        branch.intends(branch.last().subList(0, length));
        try (LogBranch open = log.branch(name)) {
            open.truncate(length);
        }
        branch.forced();
    }

    private static void commit(Log log, Promises promises, String name, int length, Durability durability) {
        promises.intends(promises.branches.get(name).last().subList(0, length));
        try (LogBranch open = log.branch(name)) {
            log.commit(open, CommitOptions.DEFAULT.withLength(length).withDurability(durability));
        }
        if (durability != Durability.NONE) {
            promises.forced();
        }
    }

    private static void delete(Log log, Promises promises, String name) {
        promises.branches.get(name).intends(null);
        log.deleteBranch(name);
        promises.branches.get(name).forced();
    }

    private static void append(Log log, Promises promises, int count, Durability durability) {
        List<String> wanted = new ArrayList<>(promises.last());
        List<ByteBuffer> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String block = "block " + log.fork() + " " + wanted.size() + " "
                    + "x".repeat(wanted.size() > 20 ? 1400 : wanted.size());
            wanted.add(block);
            batch.add(ByteBuffer.wrap(block.getBytes(StandardCharsets.UTF_8)));
        }
        promises.intends(wanted);
        log.append(batch, durability);
        if (durability != Durability.NONE) {
            promises.forced();
        }
    }

    private static void truncate(Log log, Promises promises, int length) {
        promises.intends(List.copyOf(promises.last().subList(0, length)));
        log.truncate(length);
        promises.forced();
    }

    private static void clear(Log log, Promises promises, int start, int end) {
        List<String> wanted = new ArrayList<>(promises.last());
        Collections.fill(wanted.subList(start, end), "");
        promises.intends(wanted);
        promises.clearingStart = start;
        promises.clearingEnd = end;
        log.clear(start, end);
        promises.clearingEnd = 0;
        promises.forced();
    }

    private static void note(Log log, Promises promises, String value) {
        promises.nextNote = value;
        log.userData("note", value.getBytes(StandardCharsets.UTF_8));
        promises.note = value;
    }

    private void follow(Log reader, Promises promises, int step) {
        if (reader.length() == 0) {
            reader.apply(SparseLogTest.upgrade(source, reader));
            promises.readerUpgraded = true;
        }
        for (long block = step; block < SOURCE_BLOCKS; block += step) {
            reader.apply(SparseLogTest.fetch(source, reader, block));
            promises.fetched.add(block);
        }
    }

    // ---- the audit

    private void cut(PowerLossStorage storage, PowerLossStorage.Loss loss, Promises promises, SplittableRandom random) {
        try {
            cutAndAudit(storage, loss, promises, random);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("change " + storage.changes() + ", loss " + loss + ", cut " + cuts, e);
        }
    }

    private void cutAndAudit(
            PowerLossStorage storage, PowerLossStorage.Loss loss, Promises promises, SplittableRandom random) {
        PowerLossStorage left = storage.afterLoss(folder.resolve("cut"), loss, random);
        distinct.add(left.fingerprint() * 31 + promises.oldestAllowed);
        cuts++;
        PowerLossStorage[] again = new PowerLossStorage[1];
        if (cuts % 4 == 0) {
            long at = left.changes() + 1 + random.nextInt(80);
            left.beforeChange(() -> {
                if (left.changes() == at) {
                    again[0] = left.afterLoss(
                            folder.resolve("cut"), random.nextBoolean() ? PowerLossStorage.Loss.ANY : loss, random);
                }
            });
        }
        audit(left, promises);
        if (again[0] != null) {
            distinct.add(again[0].fingerprint() * 31 + promises.oldestAllowed);
            recoveryCuts++;
            audit(again[0], promises);
        }
    }

    private void audit(PowerLossStorage left, Promises promises) {
        List<String> found;
        try (LogStore store = LogStore.open(folder.resolve("cut"), OPTIONS, left, SMALL);
                Log log = store.log("own");
                Log reader = store.log(source.key())) {
            left.beforeChange(() -> {});
            found = content(log);
            assertThat(promises.allow(found))
                    .as("%d blocks, last %.20s", found.size(), found.isEmpty() ? "" : found.get(found.size() - 1))
                    .isTrue();
            if (!found.equals(promises.last())) {
                shortened++;
            }
            byte[] note = log.userData("note");
            assertThat(note == null ? "" : new String(note, StandardCharsets.UTF_8))
                    .isIn(promises.note, promises.nextNote);
            assertThat(LogAudit.run(log).bad()).isEmpty();
            audit(log, promises.branches);
            assertThat(reader.length()).isIn(promises.readerForced ? -1L : 0L, (long) SOURCE_BLOCKS);
            for (long block = 0; block < reader.length(); block++) {
                if (reader.has(block)) {
                    assertThat(reader.get(block)).isEqualTo(source.get(block));
                } else {
                    assertThat(promises.fetchedForced).doesNotContain(block);
                }
            }
            assertThat(LogAudit.run(reader).bad()).isEmpty();
            if ((cuts + recoveryCuts) % 5 != 0) {
                return;
            }
            goOn(log, reader, found);
        }
        try (LogStore store = LogStore.open(folder.resolve("cut"), OPTIONS, left, SMALL);
                Log log = store.log("own");
                Log reader = store.log(source.key())) {
            List<String> now = content(log);
            assertThat(now).hasSize(found.size() + 2);
            assertThat(now.subList(0, found.size())).isEqualTo(found);
            assertThat(reader.contiguousLength()).isEqualTo(SOURCE_BLOCKS);
        }
    }

    private static void audit(Log log, Map<String, BranchPromises> branches) {
        List<String> names = log.branches();
        assertThat(branches.keySet()).containsAll(names);
        branches.forEach((name, promises) -> {
            List<String> found = null;
            if (names.contains(name)) {
                try (LogBranch branch = log.branch(name)) {
                    found = content(branch);
                }
            }
            assertThat(promises.allow(found))
                    .as("branch %s with %s blocks", name, found == null ? "no" : found.size())
                    .isTrue();
        });
    }

    /** Blocks of a branch, which fit its tree. */
    private static List<String> content(LogBranch branch) {
        List<String> found = new ArrayList<>();
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        for (long i = 0; i < branch.length(); i++) {
            byte[] block = branch.get(i, Duration.ZERO);
            tree.append(ByteBuffer.wrap(block));
            found.add(new String(block, StandardCharsets.UTF_8));
        }
        assertThat(branch.treeHash()).isEqualTo(tree.treeHash());
        return found;
    }

    /** The logs take more, and what is there afterwards verifies. */
    private void goOn(Log log, Log reader, List<String> found) {
        log.append(List.of(ByteBuffer.wrap(new byte[20]), ByteBuffer.wrap(new byte[3])));
        if (reader.length() == 0) {
            reader.apply(SparseLogTest.upgrade(source, reader));
        }
        for (long block = 0; block < SOURCE_BLOCKS; block++) {
            if (!reader.has(block)) {
                reader.apply(SparseLogTest.fetch(source, reader, block));
                assertThat(reader.get(block)).isEqualTo(source.get(block));
            }
        }
        assertThat(log.length()).isEqualTo(found.size() + 2);
        assertThat(LogAudit.run(log).bad()).isEmpty();
        assertThat(LogAudit.run(reader).bad()).isEmpty();
    }

    private static List<String> content(Log log) {
        List<String> found = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            found.add(log.has(i) ? new String(log.get(i), StandardCharsets.UTF_8) : "");
        }
        return found;
    }

    @Test
    void whateverALossOfPowerLeavesWhatWasPromisedIsThereAndNothingElse() {
        long start = System.nanoTime();
        for (int run = 0; run < RUNS; run++) {
            int seed = run;
            SplittableRandom random = new SplittableRandom(seed);
            Promises promises = new Promises();
            PowerLossStorage storage = new PowerLossStorage(folder.resolve("run"));
            PowerLossStorage.Loss[] losses = PowerLossStorage.Loss.values();
            storage.beforeChange(() -> {
                if (seed > 0 && random.nextInt(40) == 0) {
                    storage.writeBack(random);
                }
                cut(storage, losses[(int) ((storage.changes() / 5 + seed) % losses.length)], promises, random);
                cut(storage, PowerLossStorage.Loss.ANY, promises, random);
                cut(storage, PowerLossStorage.Loss.TORN, promises, random);
            });
            run(storage, promises);
            assertThat(storage.holes()).isGreaterThan(2);
        }
        sources.close();
        System.out.printf(
                "power loss: %d cuts in runs, %d in recoveries, %d distinct; %d of them lost what was not promised; %d ms%n",
                cuts, recoveryCuts, distinct.size(), shortened, (System.nanoTime() - start) / 1_000_000);
        assertThat(distinct).hasSizeGreaterThan(RUNS < 2 ? 1 : 10_000);
    }
}

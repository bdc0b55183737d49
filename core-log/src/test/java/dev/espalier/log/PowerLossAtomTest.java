package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Reorg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link PowerLossTest} does to one log, done to what goes through the store's journal: atoms over two logs, forced
 * and not, with a cut and without, and a reader that moves to another fork. With the power lost before each change, a
 * forced atom is there in both logs or in none, and the reader is in the old fork or in the new one.
 */
@Tag("exhaustive")
class PowerLossAtomTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    /** One log more than are mapped. */
    private static final StoreOptions OPTIONS =
            StoreOptions.defaults().withPrimaryKey(new byte[32]).withMappedLogs(2);

    private static final int RUNS = Integer.getInteger("espalier.power.runs", 6);

    @TempDir
    Path folder;

    private final Set<Long> distinct = new HashSet<>();
    private int cuts;

    /** What the reader follows, before and after it was truncated and grew again. */
    private Log before;

    private Log after;

    /** All contents that an own log had, and the one it is about to have. */
    private static final class Content {

        private final List<List<String>> states = new ArrayList<>(List.of(List.of()));
        private int oldestAllowed;

        List<String> last() {
            return states.get(states.size() - 1);
        }

        void forced() {
            oldestAllowed = states.size() - 1;
        }

        boolean allows(List<String> found) {
            return states.subList(oldestAllowed, states.size()).contains(found);
        }

        List<String> grown(int keep, int count) {
            List<String> wanted = new ArrayList<>(last().subList(0, keep));
            for (int i = 0; i < count; i++) {
                wanted.add("block " + states.size() + " " + wanted.size() + " " + "x".repeat(wanted.size() * 60));
            }
            return wanted;
        }
    }

    /** One run of the script. */
    private final class Run {

        private final Content one = new Content();
        private final Content two = new Content();

        /** Whether an atom is being committed that is forced. */
        private boolean atom;

        /** Least and greatest fork that the reader may be in, and the blocks that were forced at the least one. */
        private long leastFork;

        private long greatestFork;
        private Set<Long> fetched = Set.of();

        void play(PowerLossStorage storage) {
            for (int session = 0; session < 2; session++) {
                try (LogStore store = LogStore.open(folder.resolve("run"), OPTIONS, storage, SMALL);
                        Log first = store.log("one");
                        Log second = store.log("two")) {
                    commit(store, first, second, -1, Durability.NONE);
                    commit(store, first, second, -1, Durability.DATA);
                    commit(store, first, second, 4, Durability.NONE);
                    commit(store, first, second, -1, Durability.NONE);
                    if (session == 0) {
                        move(store);
                    }
                    commit(store, first, second, 6, Durability.FULL);
                }
                one.forced();
                two.forced();
            }
        }

        /** Cuts the first log where {@code keep} is not negative, which forces the atom whatever was asked. */
        private void commit(LogStore store, Log first, Log second, int keep, Durability durability) {
            int kept = keep < 0 ? one.last().size() : keep;
            int old = two.last().size();
            List<String> next = one.grown(kept, 3);
            List<String> nextOfTwo = two.grown(old, 2);
            boolean forced = keep >= 0 || durability != Durability.NONE;
            one.states.add(next);
            two.states.add(nextOfTwo);
            atom = forced;
            try (Atom change = store.atom()) {
                if (keep >= 0) {
                    change.truncate(first, keep);
                }
                change.append(first, buffers(next.subList(kept, next.size())));
                change.append(second, buffers(nextOfTwo.subList(old, nextOfTwo.size())));
                change.commit(durability);
            }
            atom = false;
            if (forced) {
                one.forced();
                two.forced();
            }
        }

        private void move(LogStore store) {
            try (Log reader = store.log(before.key())) {
                reader.apply(SparseLogTest.upgrade(before, reader));
                Set<Long> blocks = Set.of(0L, 3L, 6L, 8L);
                blocks.forEach(block -> reader.apply(SparseLogTest.fetch(before, reader, block)));
                reader.sync();
                fetched = blocks;
                LogReorg reorg = reader.reorg(after.prove(
                        new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, after.length()), true)));
                for (Reorg.Want want = reorg.want(); want != null; want = reorg.want()) {
                    reorg.update(after.prove(want.request(want.start())));
                }
                greatestFork = 1;
                assertThat(reorg.apply()).isTrue();
                leastFork = 1;
                fetched = Set.of();
                reader.apply(SparseLogTest.fetch(after, reader, 5));
            }
            fetched = Set.of(5L);
        }

        void check(PowerLossStorage left) {
            try (LogStore store = LogStore.open(folder.resolve("cut"), OPTIONS, left, SMALL);
                    Log first = store.log("one");
                    Log second = store.log("two")) {
                List<String> ofOne = content(first);
                List<String> ofTwo = content(second);
                assertThat(one.allows(ofOne)).as("one: %d blocks", ofOne.size()).isTrue();
                assertThat(two.allows(ofTwo)).as("two: %d blocks", ofTwo.size()).isTrue();
                if (atom) {
                    assertThat(ofOne.equals(one.last())).isEqualTo(ofTwo.equals(two.last()));
                }
                assertThat(LogAudit.run(first).bad()).isEmpty();
                assertThat(LogAudit.run(second).bad()).isEmpty();
                if (!fetched.isEmpty() || leastFork > 0) {
                    checkReader(store);
                }
                if (cuts % 5 == 0) {
                    try (Atom next = store.atom()) {
                        next.append(first, new byte[] {1});
                        next.append(second, new byte[] {2});
                        next.commit();
                    }
                    assertThat(first.length()).isEqualTo(ofOne.size() + 1);
                    assertThat(LogAudit.run(second).bad()).isEmpty();
                }
            }
        }

        private void checkReader(LogStore store) {
            try (Log reader = store.log(before.key())) {
                assertThat(reader.fork()).isBetween(leastFork, greatestFork);
                Log source = reader.fork() == 0 ? before : after;
                assertThat(reader.length()).isEqualTo(source.length());
                for (long block = 0; block < reader.length(); block++) {
                    if (reader.has(block)) {
                        assertThat(reader.get(block)).isEqualTo(source.get(block));
                    } else if (reader.fork() == leastFork) {
                        assertThat(fetched).doesNotContain(block);
                    }
                }
                assertThat(LogAudit.run(reader).bad()).isEmpty();
            }
        }
    }

    private static List<ByteBuffer> buffers(List<String> blocks) {
        return blocks.stream()
                .map(block -> ByteBuffer.wrap(block.getBytes(UTF_8)))
                .toList();
    }

    private static List<String> content(Log log) {
        List<String> found = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            found.add(new String(log.get(i), UTF_8));
        }
        return found;
    }

    @BeforeEach
    void makeSources() throws Exception {
        before = source("before");
        after = source("after");
        after.truncate(5);
        after.append(List.of(ByteBuffer.wrap(new byte[900]), ByteBuffer.wrap(new byte[] {1})));
        Files.createDirectories(folder.resolve("run"));
        Files.createDirectories(folder.resolve("cut"));
    }

    private Log source(String place) {
        Log log = LogStore.open(folder.resolve(place), OPTIONS).log("moving");
        List<String> blocks = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            blocks.add("moving " + i + "-".repeat(i * 90));
        }
        log.append(buffers(blocks));
        return log;
    }

    @Test
    void whateverALossOfPowerLeavesAForcedChangeOfSeveralStepsIsWholeOrNotThere() {
        for (int run = 0; run < RUNS; run++) {
            int seed = run;
            SplittableRandom random = new SplittableRandom(seed);
            Run script = new Run();
            PowerLossStorage storage = new PowerLossStorage(folder.resolve("run"));
            PowerLossStorage.Loss[] losses = PowerLossStorage.Loss.values();
            storage.beforeChange(() -> {
                if (seed > 0 && random.nextInt(30) == 0) {
                    storage.writeBack(random);
                }
                cut(storage, losses[(int) ((storage.changes() / 5 + seed) % losses.length)], script, random);
                cut(storage, PowerLossStorage.Loss.TORN, script, random);
            });
            script.play(storage);
        }
        System.out.println("power loss, journal: " + cuts + " cuts, " + distinct.size() + " distinct");
        assertThat(distinct).hasSizeGreaterThan(400 * RUNS);
    }

    private void cut(PowerLossStorage storage, PowerLossStorage.Loss loss, Run script, SplittableRandom random) {
        PowerLossStorage left = storage.afterLoss(folder.resolve("cut"), loss, random);
        distinct.add(left.fingerprint() * 31 + script.one.oldestAllowed);
        cuts++;
        try {
            script.check(left);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("change " + storage.changes() + ", loss " + loss + ", cut " + cuts, e);
        }
    }
}

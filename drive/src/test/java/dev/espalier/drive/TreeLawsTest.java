package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** A tree behaves like a sorted map, all versions of which are kept. */
class TreeLawsTest {

    /** A put of {@code value}, or a deletion where that is null. */
    record Op(int key, @Nullable Integer value) {}

    @Provide
    Arbitrary<List<List<Op>>> histories() {
        Arbitrary<Op> op = Combinators.combine(
                        Arbitraries.integers().between(0, 120),
                        Arbitraries.integers().between(0, 999).injectNull(0.4))
                .as(Op::new);
        return op.list().ofMinSize(1).ofMaxSize(40).list().ofMaxSize(30);
    }

    private static byte[] key(int number) {
        // Keys of one to three digits, so that some are prefixes of others.
        return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte @Nullable [] value(@Nullable Integer number) {
        return number == null ? null : Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static NavigableMap<byte[], TreeItem> model() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    private static List<String> show(Iterable<TreeItem> items) {
        List<String> shown = new ArrayList<>();
        items.forEach(item -> shown.add(show(item)));
        return shown;
    }

    private static String show(@Nullable TreeItem item) {
        return item == null ? "none" : item.seq() + ":" + Vectors.text(item.key()) + "=" + Vectors.text(item.value());
    }

    /** Runs each inner list as one batch, and keeps what the map looked like at each version. */
    private static NavigableMap<Long, NavigableMap<byte[], TreeItem>> run(BTree tree, List<List<Op>> batches) {
        NavigableMap<Long, NavigableMap<byte[], TreeItem>> versions = new TreeMap<>();
        NavigableMap<byte[], TreeItem> now = model();
        versions.put(1L, model());
        for (List<Op> ops : batches) {
            try (BTreeBatch batch = tree.batch()) {
                for (Op op : ops) {
                    // The header comes with the first operation.
                    long seq = Math.max(1, batch.version());
                    byte[] key = key(op.key());
                    if (op.value() == null) {
                        assertThat(batch.delete(key)).isEqualTo(now.remove(key) != null);
                    } else {
                        batch.put(key, value(op.value()));
                        now.put(key, new TreeItem(seq, key, value(op.value())));
                    }
                    assertThat(show(batch.get(key))).isEqualTo(show(now.get(key)));
                }
                assertThat(show(batch.range(KeyRange.ALL))).isEqualTo(show(now.values()));
                batch.flush();
            }
            NavigableMap<byte[], TreeItem> copy = model();
            copy.putAll(now);
            versions.put(tree.version(), copy);
        }
        return versions;
    }

    @Property(tries = 150)
    void eachVersionIsTheMapOfItsTime(@ForAll("histories") List<List<Op>> batches) {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        NavigableMap<Long, NavigableMap<byte[], TreeItem>> versions = run(fixture.tree, batches);
        versions.forEach((version, map) -> {
            TreeSnapshot snapshot = fixture.tree.checkout(version);
            assertThat(show(snapshot.range(KeyRange.ALL))).isEqualTo(show(map.values()));
            assertThat(show(snapshot.range(KeyRange.ALL.reversed())))
                    .isEqualTo(show(map.descendingMap().values()));
            for (int key = 0; key <= 121; key += 7) {
                assertThat(show(snapshot.get(key(key)))).isEqualTo(show(map.get(key(key))));
            }
        });
        checkShape(fixture.tree.snapshot());
    }

    @Property(tries = 100)
    void rangesAreThoseOfAMap(
            @ForAll("histories") List<List<Op>> batches, @ForAll int a, @ForAll int b, @ForAll boolean inclusive) {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        NavigableMap<byte[], TreeItem> map =
                run(fixture.tree, batches).lastEntry().getValue();
        byte[] one = key(Math.floorMod(a, 130));
        byte[] other = key(Math.floorMod(b, 130));
        boolean swap = Arrays.compareUnsigned(one, other) > 0;
        byte[] low = swap ? other : one;
        byte[] high = swap ? one : other;
        KeyRange range = inclusive
                ? KeyRange.ALL.from(low).to(high)
                : KeyRange.ALL.after(low).before(high);
        Map<byte[], TreeItem> expected =
                Arrays.equals(low, high) && !inclusive ? Map.of() : map.subMap(low, inclusive, high, inclusive);
        assertThat(show(fixture.tree.snapshot().range(range))).isEqualTo(show(expected.values()));
        List<String> backwards = show(expected.values());
        java.util.Collections.reverse(backwards);
        assertThat(show(fixture.tree.snapshot().range(range.reversed()))).isEqualTo(backwards);
        assertThat(show(fixture.tree.snapshot().range(range.reversed().limit(2))))
                .isEqualTo(backwards.subList(0, Math.min(2, backwards.size())));
    }

    @Property(tries = 150)
    void aDifferenceIsWhatAComparisonOfAllKeysFinds(
            @ForAll("histories") List<List<Op>> batches, @ForAll int a, @ForAll int b, @ForAll int from) {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        NavigableMap<Long, NavigableMap<byte[], TreeItem>> versions = run(fixture.tree, batches);
        List<Long> known = new ArrayList<>(versions.keySet());
        long left = known.get(Math.floorMod(a, known.size()));
        long right = known.get(Math.floorMod(b, known.size()));
        byte[] low = key(Math.floorMod(from, 130));
        for (KeyRange range :
                List.of(KeyRange.ALL, KeyRange.ALL.from(low), KeyRange.ALL.after(low), KeyRange.ALL.before(low))) {
            List<String> found = new ArrayList<>();
            fixture.tree
                    .checkout(left)
                    .diff(fixture.tree.checkout(right), range)
                    .forEach(difference -> found.add(show(difference.left()) + " " + show(difference.right())));
            List<String> expected = new ArrayList<>();
            NavigableMap<byte[], TreeItem> all = model();
            all.putAll(versions.get(left));
            all.putAll(versions.get(right));
            for (byte[] key : all.keySet()) {
                String one = show(versions.get(left).get(key));
                String other = show(versions.get(right).get(key));
                if (!one.equals(other) && range.reaches(key) && !range.isPast(key)) {
                    expected.add(one + " " + other);
                }
            }
            assertThat(found).isEqualTo(expected);
        }
    }

    /** Four to eight keys in each node but the root, and all leaves equally deep. */
    private static void checkShape(TreeSnapshot snapshot) {
        StoredNode root = snapshot.root();
        if (root != null) {
            depth(root, true);
        }
    }

    private static int depth(StoredNode node, boolean isRoot) {
        assertThat(node.keyCount()).isBetween(isRoot ? 0 : 4, 8);
        int depth = 0;
        for (int i = 0; i < node.childCount(); i++) {
            int below = depth(node.child(i), false) + 1;
            assertThat(i == 0 || below == depth).isTrue();
            depth = below;
        }
        return depth;
    }

    @Example
    void aDifferenceOfNeighbouringVersionsReadsFewBlocks() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        try (BTreeBatch batch = fixture.tree.batch()) {
            for (int i = 0; i < 20_000; i++) {
                batch.put(key(i), key(i));
            }
            batch.flush();
        }
        long before = fixture.tree.version();
        fixture.tree.put(key(777), key(1));
        BTree cold = new BTree(fixture.log, TreeHeader.plain(), new WriterLock("a batch"));
        int reads = fixture.log.reads;
        assertThat(cold.snapshot().diff(cold.checkout(before), KeyRange.ALL)).hasSize(1);
        assertThat(fixture.log.reads - reads).isLessThan(60);
    }

    @Example
    void oneBatchIsOneAppend() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        try (BTreeBatch batch = fixture.tree.batch()) {
            for (int i = 0; i < 100; i++) {
                batch.put(key(i), key(i));
            }
            batch.flush();
        }
        assertThat(fixture.log.appends).isEqualTo(2);
        assertThat(fixture.log.length()).isEqualTo(101);
    }

    @Example
    void aVersionInsideABatchIsNone() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        try (BTreeBatch batch = fixture.tree.batch()) {
            batch.put(key(1), key(1));
            batch.put(key(2), key(2));
            batch.flush();
        }
        assertThatThrownBy(() -> fixture.tree.checkout(2).get(key(1)))
                .hasMessageContaining("only ends of batches are versions");
        assertThat(fixture.tree.checkout(3).get(key(1))).isNotNull();
    }

    @Example
    void aDroppedBatchLeavesNothing() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        fixture.tree.put(key(1), key(1));
        try (BTreeBatch batch = fixture.tree.batch()) {
            batch.put(key(2), key(2));
        }
        assertThat(fixture.tree.version()).isEqualTo(2);
        fixture.tree.put(key(3), key(3));
        assertThat(show(fixture.tree.snapshot().range(KeyRange.ALL))).containsExactly("1:1=1", "2:3=3");
    }

    @Example
    void writingPastAnOpenBatchOfTheSameThreadIsAMistakeNotADeadlock() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        try (BTreeBatch batch = fixture.tree.batch()) {
            batch.put(key(1), key(1));
            assertThatThrownBy(() -> fixture.tree.put(key(2), key(2))).isInstanceOf(IllegalStateException.class);
            batch.flush();
        }
        fixture.tree.put(key(2), key(2));
        assertThat(fixture.tree.version()).isEqualTo(3);
    }

    @Example
    void changingABatchEndsItsListings() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        try (BTreeBatch batch = fixture.tree.batch()) {
            batch.put(key(1), key(1));
            var items = batch.range(KeyRange.ALL).iterator();
            batch.put(key(2), key(2));
            assertThatThrownBy(items::next).isInstanceOf(java.util.ConcurrentModificationException.class);
        }
    }
}

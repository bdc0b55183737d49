package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.drive.Vectors.Xorshift;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Trees give the blocks that Hyperbee gives. */
class TreeVectorsTest {

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable List<Object> item(@Nullable TreeItem item) {
        return item == null ? null : List.of(item.seq(), String.valueOf(Vectors.text(item.key())));
    }

    // ---- headers

    @Test
    void headersAreThoseOfHyperbee() {
        JsonArray cases = Vectors.DRIVE.getAsJsonArray("hyperbeeHeaders");
        byte[] feed = new byte[32];
        java.util.Arrays.fill(feed, (byte) 0xab);
        byte[] user = key("hello");
        for (JsonElement each : cases) {
            JsonObject one = each.getAsJsonObject();
            TreeHeader header = switch (one.get("name").getAsString()) {
                case "none" -> TreeHeader.plain();
                case "emptyMetadata", "nullContentFeed" -> TreeHeader.of(null, null);
                case "contentFeed" -> TreeHeader.of(feed, null);
                case "userData" -> TreeHeader.of(null, user);
                case "both" -> TreeHeader.of(feed, user);
                default -> throw new AssertionError(one);
            };
            String block = one.get("block").getAsString();
            assertThat(Vectors.hex(header.encode())).as(one.toString()).isEqualTo(block);
            TreeHeader read = TreeHeader.decode(Vectors.unhex(one.get("block")));
            assertThat(Vectors.hex(read.encode())).isEqualTo(block);
        }
        Vectors.passed("hyperbeeHeaders", cases.size());
    }

    // ---- scripts

    @Test
    void scriptsGiveTheSameBlocksAndAnswers() {
        JsonArray scripts = Vectors.DRIVE.getAsJsonArray("hyperbeeScripts");
        for (JsonElement each : scripts) {
            JsonObject script = each.getAsJsonObject();
            if (script.get("name").getAsString().equals("subs")) {
                checkSubs(script);
            } else {
                checkScript(script);
            }
        }
        Vectors.passed("hyperbeeScripts", scripts.size());
    }

    private static void checkScript(JsonObject script) {
        String name = script.get("name").getAsString();
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        BTree tree = fixture.tree;
        List<Long> versions = new ArrayList<>();
        for (JsonElement each : script.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            if (step.has("steps")) {
                try (BTreeBatch batch = tree.batch()) {
                    for (JsonElement inner : step.getAsJsonArray("steps")) {
                        apply(batch, inner.getAsJsonObject());
                    }
                    batch.flush();
                }
            } else {
                try (BTreeBatch single = tree.batch()) {
                    apply(single, step);
                    single.flush();
                }
            }
            versions.add(tree.version());
        }
        assertThat(versions)
                .as(name)
                .containsExactlyElementsOf(script.getAsJsonArray("versions").asList().stream()
                        .map(JsonElement::getAsLong)
                        .toList());
        assertThat(fixture.hexBlocks()).as(name).isEqualTo(strings(script.getAsJsonArray("blocks")));
        fixture.checkState(name, script.getAsJsonObject("state"));
        checkEntries(tree, script);
        checkRanges(tree, script);
        checkHistory(tree, script);
        checkDiffs(tree, script);
        checkCheckouts(tree, script);
    }

    private static void apply(BTreeBatch batch, JsonObject step) {
        byte[] key = key(step.get("key").getAsString());
        switch (step.get("op").getAsString()) {
            case "put" -> {
                boolean refuse = step.has("cas") && !step.get("cas").getAsBoolean();
                batch.put(key, Vectors.utf8(step.get("value")), refuse ? (previous, next) -> false : null);
            }
            case "del" -> batch.delete(key);
            default -> throw new AssertionError(step);
        }
    }

    private static List<String> strings(JsonArray array) {
        return array.asList().stream().map(JsonElement::getAsString).toList();
    }

    private static void checkEntries(BTree tree, JsonObject script) {
        List<List<@Nullable Object>> entries = new ArrayList<>();
        for (TreeItem item : tree.snapshot().range(KeyRange.ALL)) {
            List<@Nullable Object> entry =
                    new ArrayList<>(List.of(item.seq(), String.valueOf(Vectors.text(item.key()))));
            entry.add(Vectors.text(item.value()));
            entries.add(entry);
            TreeItem got = tree.get(item.key());
            assertThat(item(got)).isEqualTo(item(item));
        }
        List<List<@Nullable Object>> expected = new ArrayList<>();
        for (JsonElement each : script.getAsJsonArray("entries")) {
            JsonArray entry = each.getAsJsonArray();
            List<@Nullable Object> one = new ArrayList<>(
                    List.of(entry.get(0).getAsLong(), entry.get(1).getAsString()));
            one.add(entry.get(2).isJsonNull() ? null : entry.get(2).getAsString());
            expected.add(one);
        }
        assertThat(entries).isEqualTo(expected);
    }

    private static KeyRange range(JsonObject range) {
        KeyRange result = KeyRange.ALL;
        if (range.has("gte")) {
            result = result.from(key(range.get("gte").getAsString()));
        }
        if (range.has("gt")) {
            result = result.after(key(range.get("gt").getAsString()));
        }
        if (range.has("lte")) {
            result = result.to(key(range.get("lte").getAsString()));
        }
        if (range.has("lt")) {
            result = result.before(key(range.get("lt").getAsString()));
        }
        if (range.has("reverse") && range.get("reverse").getAsBoolean()) {
            result = result.reversed();
        }
        return range.has("limit") ? result.limit(range.get("limit").getAsLong()) : result;
    }

    private static List<String> keys(TreeView view, KeyRange range) {
        List<String> keys = new ArrayList<>();
        view.range(range).forEach(item -> keys.add(String.valueOf(Vectors.text(item.key()))));
        return keys;
    }

    private static void checkRanges(BTree tree, JsonObject script) {
        if (!script.has("ranges")) {
            return;
        }
        for (JsonElement each : script.getAsJsonArray("ranges")) {
            JsonObject one = each.getAsJsonObject();
            List<String> expected = strings(one.getAsJsonArray("keys"));
            KeyRange range = range(one.getAsJsonObject("range"));
            assertThat(keys(tree.snapshot(), range)).as(one.toString()).isEqualTo(expected);
            try (BTreeBatch batch = tree.batch()) {
                batch.put(key("~"), null);
                batch.delete(key("~"));
                assertThat(keys(batch, range)).as("in a batch: " + one).isEqualTo(expected);
            }
        }
        JsonObject peek = script.getAsJsonObject("peek");
        TreeItem first = tree.snapshot().peek(KeyRange.ALL.from(key("k1")));
        assertThat(first).isNotNull();
        assertThat(first.seq()).isEqualTo(peek.get("seq").getAsLong());
        assertThat(Vectors.text(first.key())).isEqualTo(peek.get("key").getAsString());
    }

    private static void checkHistory(BTree tree, JsonObject script) {
        if (!script.has("history")) {
            return;
        }
        for (JsonElement each : script.getAsJsonArray("history")) {
            JsonObject one = each.getAsJsonObject();
            List<List<Object>> history = new ArrayList<>();
            for (TreeChange change : tree.snapshot().history(historyRange(one.getAsJsonObject("opts")))) {
                TreeItem item = change.item();
                history.add(List.of(
                        change.isDeletion() ? "del" : "put", item.seq(), String.valueOf(Vectors.text(item.key()))));
            }
            List<List<Object>> expected = new ArrayList<>();
            for (JsonElement line : one.getAsJsonArray("items")) {
                JsonArray item = line.getAsJsonArray();
                expected.add(List.of(
                        item.get(0).getAsString(),
                        item.get(1).getAsLong(),
                        item.get(2).getAsString()));
            }
            assertThat(history).as(one.get("opts").toString()).isEqualTo(expected);
        }
    }

    private static HistoryRange historyRange(JsonObject opts) {
        HistoryRange range = HistoryRange.ALL;
        for (String name : opts.keySet()) {
            JsonElement value = opts.get(name);
            range = switch (name) {
                case "gt" -> new HistoryRange(value.getAsLong() + 1, range.to(), range.reverse(), range.limit());
                case "gte", "since" -> new HistoryRange(value.getAsLong(), range.to(), range.reverse(), range.limit());
                case "lt", "end" -> new HistoryRange(range.from(), value.getAsLong(), range.reverse(), range.limit());
                case "lte" -> new HistoryRange(range.from(), value.getAsLong() + 1, range.reverse(), range.limit());
                case "reverse" -> value.getAsBoolean() ? range.reversed() : range;
                case "limit" -> range.limit(value.getAsLong());
                default -> throw new AssertionError(name);
            };
        }
        return range;
    }

    private static void checkDiffs(BTree tree, JsonObject script) {
        if (!script.has("diffs")) {
            return;
        }
        for (JsonElement each : script.getAsJsonArray("diffs")) {
            JsonObject one = each.getAsJsonObject();
            TreeSnapshot left = tree.checkout(one.get("left").getAsLong());
            TreeSnapshot right = tree.checkout(one.get("right").getAsLong());
            List<List<@Nullable Object>> found = new ArrayList<>();
            for (TreeDiff.Difference difference : left.diff(right, range(one.getAsJsonObject("range")))) {
                List<@Nullable Object> pair = new ArrayList<>();
                pair.add(item(difference.left()));
                pair.add(item(difference.right()));
                found.add(pair);
            }
            List<List<@Nullable Object>> expected = new ArrayList<>();
            for (JsonElement pairs : one.getAsJsonArray("items")) {
                List<@Nullable Object> pair = new ArrayList<>();
                for (JsonElement side : pairs.getAsJsonArray()) {
                    pair.add(
                            side.isJsonNull()
                                    ? null
                                    : List.of(
                                            side.getAsJsonArray().get(0).getAsLong(),
                                            side.getAsJsonArray().get(1).getAsString()));
                }
                expected.add(pair);
            }
            assertThat(found).as(one.toString()).isEqualTo(expected);
        }
    }

    private static void checkCheckouts(BTree tree, JsonObject script) {
        if (!script.has("checkouts")) {
            return;
        }
        for (JsonElement each : script.getAsJsonArray("checkouts")) {
            JsonObject one = each.getAsJsonObject();
            TreeSnapshot snapshot = tree.checkout(one.get("version").getAsLong());
            assertThat(keys(snapshot, KeyRange.ALL)).isEqualTo(strings(one.getAsJsonArray("keys")));
        }
    }

    private static void checkSubs(JsonObject script) {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        BTree tree = fixture.tree;
        KeyPrefix users = KeyPrefix.of(key("users"));
        KeyPrefix deep = users.sub(key("deep"));
        KeyPrefix slash = KeyPrefix.of(key("p"), key("/"));
        tree.put(users.key(key("a")), key("1"));
        tree.put(deep.key(key("b")), key("2"));
        tree.put(slash.key(key("c")), key("3"));
        tree.put(key("users"), key("plain"));
        assertThat(fixture.hexBlocks()).isEqualTo(strings(script.getAsJsonArray("blocks")));
        List<String> raw = new ArrayList<>();
        tree.snapshot().range(KeyRange.ALL).forEach(item -> raw.add(Vectors.hex(item.key())));
        assertThat(raw).isEqualTo(strings(script.getAsJsonArray("rawKeysHex")));
        assertThat(inside(tree, users)).isEqualTo(strings(script.getAsJsonArray("users")));
        assertThat(inside(tree, deep)).isEqualTo(strings(script.getAsJsonArray("deep")));
        assertThat(inside(tree, slash)).isEqualTo(strings(script.getAsJsonArray("slash")));
        assertThat(keys(
                        tree.snapshot(),
                        users.range(KeyRange.ALL.after(key("a")).to(key("deep\0b")))))
                .containsExactly("users\0deep\0b");
    }

    private static List<@Nullable String> inside(BTree tree, KeyPrefix part) {
        List<@Nullable String> keys = new ArrayList<>();
        tree.snapshot().range(part.range()).forEach(item -> keys.add(Vectors.text(part.strip(item.key()))));
        return keys;
    }

    // ---- large

    @Test
    void largeTreesGiveTheSameHashesAllTheWay() {
        JsonArray cases = Vectors.DRIVE.getAsJsonArray("hyperbeeLarge");
        for (JsonElement each : cases) {
            JsonObject one = each.getAsJsonObject();
            TreeFixture fixture = new TreeFixture(TreeHeader.plain());
            List<List<Object>> checkpoints = new ArrayList<>();
            Consumer<Integer> note = done -> checkpoints.add(
                    List.of((long) done, fixture.log.length(), fixture.log.byteLength(), fixture.treeHash()));
            program(one.get("name").getAsString()).accept(new Run(fixture.tree, note), 0);
            List<List<Object>> expected = new ArrayList<>();
            for (JsonElement checkpoint : one.getAsJsonArray("checkpoints")) {
                JsonArray at = checkpoint.getAsJsonArray();
                expected.add(List.of(
                        at.get(0).getAsLong(),
                        at.get(1).getAsLong(),
                        at.get(2).getAsLong(),
                        at.get(3).getAsString()));
            }
            assertThat(checkpoints).as(one.get("name").getAsString()).isEqualTo(expected);
            fixture.checkState(one.get("name").getAsString(), one.getAsJsonObject("final"));
            List<String> blocks = fixture.hexBlocks();
            assertThat(blocks.subList(blocks.size() - 5, blocks.size()))
                    .isEqualTo(strings(one.getAsJsonArray("lastBlocks")));
            StringBuilder listing = new StringBuilder();
            int count = 0;
            for (TreeItem item : fixture.tree.snapshot().range(KeyRange.ALL)) {
                count++;
                listing.append(item.seq())
                        .append(' ')
                        .append(Vectors.text(item.key()))
                        .append('=')
                        .append(Vectors.text(item.value()))
                        .append('\n');
            }
            assertThat(count).isEqualTo(one.get("entryCount").getAsInt());
            assertThat(Vectors.sha256(key(listing.toString())))
                    .isEqualTo(one.get("listingSha256").getAsString());
        }
        Vectors.passed("hyperbeeLarge", cases.size());
    }

    private record Run(BTree tree, Consumer<Integer> note) {
        void put(String key, String value) {
            tree.put(key(key), key(value));
        }

        void delete(String key) {
            tree.delete(key(key));
        }
    }

    private static String numbered(String prefix, int width, long number) {
        return String.format(Locale.ROOT, prefix + "%0" + width + "d", number);
    }

    private static ObjIntConsumer<Run> program(String name) {
        return switch (name) {
            case "sorted-1000" -> (run, unused) -> sorted(run);
            case "random-1000" -> (run, unused) -> random(run);
            case "random-drain-400" -> (run, unused) -> drain(run);
            case "random-batches" -> (run, unused) -> batches(run);
            default -> throw new AssertionError(name);
        };
    }

    private static void sorted(Run run) {
        for (int i = 0; i < 1000; i++) {
            run.put(numbered("k", 6, i), "v" + i);
            if ((i + 1) % 100 == 0) {
                run.note.accept(i + 1);
            }
        }
    }

    private static void random(Run run) {
        Xorshift next = new Xorshift(0x12345678);
        for (int i = 0; i < 2000; i++) {
            if (i < 1000) {
                run.put(numbered("k", 6, next.next() % 100000), "v" + i);
            } else {
                long a = next.next();
                String key = numbered("k", 6, next.next() % 500);
                if (a % 5 < 2) {
                    run.delete(key);
                } else {
                    run.put(key, "v" + i);
                }
            }
            if ((i + 1) % 100 == 0) {
                run.note.accept(i + 1);
            }
        }
    }

    private static void drain(Run run) {
        Xorshift next = new Xorshift(0x0badcafe);
        List<String> live = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            live.add(numbered("d", 4, i));
            run.put(live.get(i), "v");
        }
        run.note.accept(400);
        int ops = 400;
        while (live.size() > 3) {
            int j = (int) (next.next() % live.size());
            run.delete(live.get(j));
            live.set(j, live.get(live.size() - 1));
            live.remove(live.size() - 1);
            if (++ops % 50 == 0) {
                run.note.accept(ops);
            }
        }
    }

    private static void batches(Run run) {
        Xorshift next = new Xorshift(0x00c0ffee);
        int i = 0;
        while (i < 1500) {
            long n = 1 + next.next() % 40;
            try (BTreeBatch batch = run.tree.batch()) {
                for (long k = 0; k < n; k++, i++) {
                    long a = next.next();
                    byte[] key = key(numbered("k", 5, next.next() % 300));
                    if (a % 5 < 2) {
                        batch.delete(key);
                    } else {
                        batch.put(key, key("v" + i));
                    }
                }
                batch.flush();
            }
            run.note.accept(i);
        }
    }
}

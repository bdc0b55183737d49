package dev.espalier.drive;

import static dev.espalier.drive.Stores.paths;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives give the keys and blocks that Hyperdrive gives. */
class DriveVectorsTest {

    @TempDir
    Path folder;

    private static List<String> strings(JsonElement array) {
        return array.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    // ---- keys

    @Test
    void keysFollowFromPrimaryKeyAndNamespace() {
        JsonArray cases = Vectors.DRIVE.getAsJsonObject("keys").getAsJsonArray("drives");
        try (LogStore store = Stores.open(folder)) {
            for (JsonElement each : cases) {
                JsonObject one = each.getAsJsonObject();
                LogStore namespace = store;
                for (String name : strings(one.get("namespacePath"))) {
                    namespace = namespace.namespace(name);
                }
                try (Drive drive = Drive.open(namespace)) {
                    assertThat(namespace.namespace().toString())
                            .isEqualTo(one.get("namespace").getAsString());
                    assertThat(drive.key().hex()).isEqualTo(one.get("key").getAsString());
                    assertThat(drive.id()).isEqualTo(one.get("id").getAsString());
                    assertThat(drive.discoveryKey().hex())
                            .isEqualTo(one.get("discoveryKey").getAsString());
                    assertThat(drive.contentKey().orElseThrow().hex())
                            .isEqualTo(one.get("contentKey").getAsString());
                    assertThat(drive.blobs().discoveryKey().hex())
                            .isEqualTo(one.get("blobsDiscoveryKey").getAsString());
                    assertThat(encoded(drive.db()))
                            .isEqualTo(one.get("dbManifest").getAsString());
                    assertThat(encoded(drive.blobs()))
                            .isEqualTo(one.get("blobsManifest").getAsString());
                    assertThat(drive.version())
                            .isEqualTo(one.get("emptyDriveVersion").getAsLong());
                    assertThat(drive.db().length())
                            .isEqualTo(one.get("emptyDbLength").getAsLong());
                }
            }
        }
        Vectors.passed("keys.drives", cases.size());
    }

    private static String encoded(Log log) {
        Manifest manifest = log.manifest();
        return manifest == null ? "none" : Vectors.hex(manifest.encoded());
    }

    @Test
    void blobsOfSeveralSignersFollowFromTheirManifest() {
        JsonArray cases = Vectors.DRIVE.getAsJsonObject("keys").getAsJsonArray("multisig");
        for (JsonElement each : cases) {
            JsonObject one = each.getAsJsonObject();
            Manifest db = Manifest.decode(new CompactReader(Vectors.unhex(one.get("dbManifest"))));
            assertThat(db.key().hex()).isEqualTo(one.get("key").getAsString());
            Manifest blobs = DriveKeys.blobsManifest(db, db.key());
            assertThat(blobs).isNotNull();
            assertThat(Vectors.hex(blobs.encoded()))
                    .as(one.get("name").getAsString())
                    .isEqualTo(one.get("blobsManifest").getAsString());
            assertThat(blobs.key().hex()).isEqualTo(one.get("blobsKey").getAsString());
        }
        Vectors.passed("keys.multisig", cases.size());
    }

    @Test
    void aDriveOfTheOldKindNamesItsBlobsInItsHeader() {
        JsonObject compat = Vectors.DRIVE.getAsJsonObject("keys").getAsJsonObject("compat");
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) 3);
        KeyPair pair = KeyPair.fromSeed(seed);
        try (LogStore store = Stores.open(folder)) {
            store.log(pair.publicKey(), pair).close();
            LogStore namespace = store.namespace("compat");
            try (Drive drive = Drive.open(namespace, pair.publicKey())) {
                assertThat(drive.id()).isEqualTo(compat.get("id").getAsString());
                drive.put("/a", "a".getBytes(StandardCharsets.UTF_8));
                assertThat(drive.contentKey().orElseThrow().hex())
                        .isEqualTo(compat.get("contentKey").getAsString());
                assertThat(Stores.hexBlocks(drive.db())).isEqualTo(strings(compat.get("dbBlocks")));
            }
            try (Drive again = Drive.open(namespace, pair.publicKey())) {
                assertThat(again.get("/a")).asString().isEqualTo("a");
                again.put("/b", new byte[3]);
                assertThat(again.blobs().length()).isEqualTo(2);
            }
        }
        Vectors.passed("keys.compat", 1);
    }

    // ---- blobs

    @Test
    void blobIdsAreThoseOfHyperblobs() {
        JsonObject group = Vectors.DRIVE.getAsJsonObject("blobIds");
        JsonArray puts = group.getAsJsonArray("puts");
        try (LogStore store = Stores.open(folder);
                Log log = store.log("blobs")) {
            Blobs blobs = new Blobs(store, log, new Patience());
            for (JsonElement each : puts) {
                JsonObject one = each.getAsJsonObject();
                BlobId id;
                if (one.has("blockSize")) {
                    BlobWriter writer = blobs.writer();
                    byte[] digits = "0123456789".getBytes(StandardCharsets.US_ASCII);
                    for (int i = 0; i < digits.length; i += 4) {
                        writer.writeBlock(ByteBuffer.wrap(digits, i, Math.min(4, digits.length - i)));
                    }
                    id = writer.finish();
                } else if (one.has("batchPut")) {
                    String text = one.get("batchPut").getAsInt() == 3 ? "abc" : "de";
                    id = blobs.put(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                } else {
                    int size = one.get("put").getAsInt();
                    id = blobs.put(ByteBuffer.wrap(Vectors.bytes(100 + size, size)));
                }
                assertThat(id).as(one.toString()).isEqualTo(blobId(one.getAsJsonObject("id")));
            }
            Stores.checkState("blobIds", log, group.getAsJsonObject("state"));
        }
        Vectors.passed("blobIds", puts.size());
    }

    private static BlobId blobId(JsonObject id) {
        return new BlobId(
                id.get("blockOffset").getAsLong(),
                id.get("byteOffset").getAsLong(),
                id.get("blockLength").getAsLong(),
                id.get("byteLength").getAsLong(),
                id.has("blockMap"));
    }

    // ---- drive

    @Test
    void aDriveGivesTheSameBlocksAndAnswers() throws Exception {
        JsonObject group = Vectors.DRIVE.getAsJsonObject("drive");
        try (LogStore store = Stores.open(folder);
                Drive drive = Drive.open(store, group.get("namespace").getAsString())) {
            assertThat(drive.key().hex()).isEqualTo(group.get("key").getAsString());
            JsonArray steps = group.getAsJsonArray("steps");
            JsonArray trace = group.getAsJsonArray("trace");
            for (int i = 0; i < steps.size(); i++) {
                apply(drive, steps.get(i).getAsJsonObject());
                JsonArray expected = trace.get(i).getAsJsonArray();
                assertThat(List.of(
                                drive.version(),
                                drive.blobs().length(),
                                drive.blobs().byteLength()))
                        .as(steps.get(i).toString())
                        .containsExactly(
                                expected.get(0).getAsLong(),
                                expected.get(1).getAsLong(),
                                expected.get(2).getAsLong());
            }
            assertThat(Stores.hexBlocks(drive.db())).isEqualTo(strings(group.get("dbBlocks")));
            Stores.checkState("db", drive.db(), group.getAsJsonObject("db"));
            Stores.checkState("blobs", drive.blobs(), group.getAsJsonObject("blobs"));
            checkFiles(drive, group.getAsJsonArray("files"));
            checkQueries(drive, group.getAsJsonObject("queries"));
            checkDiffs(drive, group.getAsJsonArray("diffs"));
            checkVersions(drive, group);
            Vectors.passed("drive", steps.size());

            JsonObject truncate = group.getAsJsonObject("truncate");
            drive.truncate(truncate.get("to").getAsLong());
            Stores.checkState("truncated db", drive.db(), truncate.getAsJsonObject("db"));
            Stores.checkState("truncated blobs", drive.blobs(), truncate.getAsJsonObject("blobs"));
            assertThat(paths(drive.list("/"))).isEqualTo(strings(truncate.get("keys")));
            JsonObject after = group.getAsJsonObject("afterTruncate");
            drive.put("/after", "after".getBytes(StandardCharsets.UTF_8));
            assertThat(drive.version()).isEqualTo(after.get("version").getAsLong());
            checkEntry(drive.entry("/after"), after.getAsJsonObject("entry"));
            Stores.checkState("db after truncation", drive.db(), after.getAsJsonObject("db"));
            Stores.checkState("blobs after truncation", drive.blobs(), after.getAsJsonObject("blobs"));
            Vectors.passed("drive.truncate", 2);
        }
    }

    private static byte[] content(JsonElement content) {
        JsonObject object = content.getAsJsonObject();
        return object.has("utf8")
                ? object.get("utf8").getAsString().getBytes(StandardCharsets.UTF_8)
                : Vectors.bytes(
                        object.get("seed").getAsInt(), object.get("length").getAsInt());
    }

    private static PutOptions options(JsonObject step) {
        JsonObject options = step.has("opts") ? step.getAsJsonObject("opts") : new JsonObject();
        return new PutOptions(
                options.has("executable") && options.get("executable").getAsBoolean(),
                options.has("metadata") ? JsonText.of(options.get("metadata").toString()) : null);
    }

    private static void apply(WritableTree tree, JsonObject step) {
        String path = step.has("path") ? step.get("path").getAsString() : "";
        switch (step.get("op").getAsString()) {
            case "put" -> tree.put(path, ByteBuffer.wrap(content(step.get("content"))), options(step));
            case "del" -> tree.delete(path);
            case "symlink" -> tree.symlink(path, step.get("linkname").getAsString());
            case "stream" -> stream((Drive) tree, path, step);
            case "putEntry" -> {
                JsonObject entry = step.getAsJsonObject("entry");
                ((Drive) tree).putEntry(new Entry(0, path, false, null, blobId(entry.getAsJsonObject("blob")), null));
            }
            case "batch" -> {
                try (DriveBatch batch = ((Drive) tree).batch()) {
                    for (JsonElement inner : step.getAsJsonArray("steps")) {
                        apply(batch, inner.getAsJsonObject());
                    }
                    batch.flush();
                }
            }
            default -> throw new AssertionError(step);
        }
    }

    private static void stream(Drive drive, String path, JsonObject step) {
        List<byte[]> chunks = new ArrayList<>();
        step.getAsJsonArray("chunks").forEach(chunk -> chunks.add(content(chunk)));
        boolean dedup = step.has("opts") && step.getAsJsonObject("opts").has("dedup");
        try (EntryOutput out = drive.newOutputStream(path, options(step).withDedup(dedup))) {
            chunks.forEach(chunk -> out.writeBlock(ByteBuffer.wrap(chunk)));
        }
    }

    private static void checkEntry(@Nullable Entry entry, JsonElement expected) {
        if (expected.isJsonNull()) {
            assertThat(entry).isNull();
            return;
        }
        assertThat(entry).isNotNull();
        JsonObject object = expected.getAsJsonObject();
        JsonObject value = object.getAsJsonObject("value");
        assertThat(entry.seq()).isEqualTo(object.get("seq").getAsLong());
        assertThat(entry.path()).isEqualTo(object.get("key").getAsString());
        assertThat(new String(EntryCodec.value(entry), StandardCharsets.UTF_8))
                .isEqualTo(JsonText.of(value.toString()).text());
    }

    private static void checkFiles(Drive drive, JsonArray files) {
        List<Entry> entries = new ArrayList<>();
        drive.list("/").forEach(entries::add);
        assertThat(entries).hasSize(files.size());
        for (int i = 0; i < files.size(); i++) {
            JsonObject expected = files.get(i).getAsJsonObject();
            Entry entry = entries.get(i);
            checkEntry(entry, expected);
            byte[] bytes = drive.get(entry.path());
            if (expected.get("size").isJsonNull()) {
                assertThat(bytes).isNull();
            } else {
                assertThat(bytes).isNotNull();
                assertThat((long) bytes.length).isEqualTo(expected.get("size").getAsLong());
                assertThat(drive.size(entry)).isEqualTo(bytes.length);
                assertThat(Vectors.sha256(bytes))
                        .isEqualTo(expected.get("sha256").getAsString());
            }
        }
    }

    private static void checkQueries(Drive drive, JsonObject queries) throws Exception {
        assertThat(paths(drive.list("/data"))).isEqualTo(strings(queries.get("listData")));
        assertThat(paths(drive.list("data/"))).isEqualTo(strings(queries.get("listData")));
        assertThat(paths(drive.list("\\data"))).isEqualTo(strings(queries.get("listData")));
        ListOptions ignoring = ListOptions.ALL.ignoring(path -> path.startsWith("/data/") || path.equals("/batch/two"));
        assertThat(paths(drive.list("/", ignoring))).isEqualTo(strings(queries.get("listIgnore")));
        assertThat(paths(drive.list("/", ListOptions.ALL.reversed().limit(3))))
                .isEqualTo(strings(queries.get("listReverseLimit")));
        // JavaScript skips a file x0 beside a folder x; we do not.
        List<String> shallow = new ArrayList<>(strings(queries.get("listShallow")));
        shallow.add("/x0");
        assertThat(paths(drive.list("/", ListOptions.SHALLOW))).isEqualTo(shallow);
        List<String> names = new ArrayList<>(strings(queries.get("readdirRoot")));
        names.add("x0");
        assertThat(drive.readdir("/")).containsExactlyElementsOf(names);
        assertThat(drive.readdir("/data")).containsExactlyElementsOf(strings(queries.get("readdirData")));
        assertThat(drive.readdir("/missing")).isEmpty();
        assertThat(paths(drive.entries(PathRange.of("/data/64k", "/f"))))
                .isEqualTo(strings(queries.get("entriesRange")));
        queries.getAsJsonObject("follow")
                .entrySet()
                .forEach(each -> checkEntry(drive.resolve(each.getKey()), each.getValue()));
        queries.getAsJsonObject("exists")
                .entrySet()
                .forEach(each -> assertThat(drive.exists(each.getKey()))
                        .as(each.getKey())
                        .isEqualTo(each.getValue().getAsBoolean()));
        for (JsonElement each : queries.getAsJsonArray("readRanges")) {
            checkRange(drive, each.getAsJsonObject());
        }
    }

    private static void checkRange(Drive drive, JsonObject one) throws Exception {
        JsonObject opts = one.getAsJsonObject("opts");
        String path = one.get("path").getAsString();
        long start = opts.get("start").getAsLong();
        long length = opts.has("length")
                ? opts.get("length").getAsLong()
                : opts.has("end") ? opts.get("end").getAsLong() - start + 1 : Long.MAX_VALUE;
        try (InputStream in = drive.newInputStream(path, start, length)) {
            assertThat(Vectors.hex(in.readAllBytes())).isEqualTo(one.get("hex").getAsString());
        }
        List<Integer> chunks = new ArrayList<>();
        try (InputStream in = drive.newInputStream(path, start, length)) {
            byte[] chunk = new byte[1 << 20];
            for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
                chunks.add(read);
            }
        }
        assertThat(chunks)
                .containsExactlyElementsOf(one.getAsJsonArray("chunkLengths").asList().stream()
                        .map(JsonElement::getAsInt)
                        .toList());
    }

    private static @Nullable List<Object> pair(@Nullable Entry entry) {
        return entry == null ? null : List.of(entry.seq(), entry.path());
    }

    private static @Nullable List<Object> pair(JsonElement pair) {
        return pair.isJsonNull()
                ? null
                : List.of(
                        pair.getAsJsonArray().get(0).getAsLong(),
                        pair.getAsJsonArray().get(1).getAsString());
    }

    private static void checkDiffs(Drive drive, JsonArray diffs) {
        for (JsonElement each : diffs) {
            JsonObject one = each.getAsJsonObject();
            List<@Nullable List<Object>> found = new ArrayList<>();
            for (Drive.Change change : drive.checkout(one.get("left").getAsLong())
                    .diff(one.get("right").getAsLong(), one.get("folder").getAsString())) {
                found.add(pair(change.current()));
                found.add(pair(change.other()));
            }
            List<@Nullable List<Object>> expected = new ArrayList<>();
            for (JsonElement item : one.getAsJsonArray("items")) {
                expected.add(pair(item.getAsJsonArray().get(0)));
                expected.add(pair(item.getAsJsonArray().get(1)));
            }
            assertThat(found).as(one.toString()).isEqualTo(expected);
        }
    }

    private static void checkVersions(Drive drive, JsonObject group) {
        for (JsonElement each : group.getAsJsonArray("listByVersion")) {
            JsonObject one = each.getAsJsonObject();
            assertThat(paths(drive.checkout(one.get("version").getAsLong()).list("/")))
                    .as(one.toString())
                    .isEqualTo(strings(one.get("keys")));
        }
        for (JsonElement each : group.getAsJsonArray("blobsLengthByVersion")) {
            JsonArray one = each.getAsJsonArray();
            assertThat(drive.blobsLength(one.get(0).getAsLong()))
                    .as(one.toString())
                    .isEqualTo(one.get(1).getAsLong());
        }
    }

    // ---- mirror

    @Test
    void contentIsCutWhereRabinStreamCutsIt() {
        JsonArray cases = Vectors.DRIVE.getAsJsonArray("rabin");
        for (JsonElement each : cases) {
            JsonObject one = each.getAsJsonObject();
            int length = one.get("length").getAsInt();
            byte[] bytes = one.has("seed") ? Vectors.bytes(one.get("seed").getAsInt(), length) : new byte[length];
            List<Integer> expected = new ArrayList<>();
            one.getAsJsonArray("chunks").forEach(size -> expected.add(size.getAsInt()));
            for (int step : new int[] {length, 65536, 1000003}) {
                assertThat(chunks(bytes, step))
                        .as("%d bytes by %d", length, step)
                        .isEqualTo(expected);
            }
        }
        Vectors.passed("rabin", cases.size());
    }

    private static List<Integer> chunks(byte[] bytes, int step) {
        RabinChunker chunker = new RabinChunker();
        List<Integer> sizes = new ArrayList<>();
        int start = 0;
        for (int from = 0; from < bytes.length; from += step) {
            int end = Math.min(bytes.length, from + step);
            for (int cut = chunker.next(bytes, from, end); cut >= 0; cut = chunker.next(bytes, cut, end)) {
                sizes.add(cut - start);
                start = cut;
            }
        }
        if (start < bytes.length) {
            sizes.add(bytes.length - start);
        }
        return sizes;
    }

    @Test
    void mirrorsDoWhatMirrorDriveDoes() {
        JsonObject group = Vectors.DRIVE.getAsJsonObject("mirror");
        try (LogStore store = Stores.open(folder.resolve("store"));
                Drive src = Drive.open(store, "src");
                Drive dst = Drive.open(store, "dst")) {
            src.put("/a", utf8("aaa"));
            src.put("/dir/b", ByteBuffer.wrap(utf8("bb")), PutOptions.EXECUTABLE);
            src.put("/dir/c", ByteBuffer.wrap(Vectors.bytes(9, 100000)), metadata("{\"m\":1}"));
            src.symlink("/l", "/a");
            dst.put("/old", utf8("old!"));
            dst.put("/a", utf8("AAA"));
            JsonArray runs = group.getAsJsonArray("runs");
            for (JsonElement each : runs) {
                JsonObject run = each.getAsJsonObject();
                Mirror mirror = Mirror.from(src).to(dst).batch(false);
                switch (run.get("what").getAsString()) {
                    case "dry run" -> mirror.dryRun(true);
                    case "first" -> {}
                    case "no change" -> mirror.includeEquals(true);
                    case "only exec bit and metadata differ" -> {
                        src.put("/a", ByteBuffer.wrap(utf8("aaa")), PutOptions.EXECUTABLE);
                        src.put("/dir/c", ByteBuffer.wrap(Vectors.bytes(9, 100000)), metadata("{\"m\":2}"));
                    }
                    case "filter keeps /l and /dir only" -> {
                        src.symlink("/l", "a");
                        src.delete("/dir/b");
                        src.put("/n", utf8("n"));
                        mirror.filter(path -> path.equals("/l") || path.startsWith("/dir/"));
                    }
                    case "prefix without prune" -> {
                        src.put("/dir/d", utf8("d"));
                        dst.put("/dir/keep", utf8("k"));
                        mirror.prefix(List.of("/dir")).prune(false);
                    }
                    case "ignore" ->
                        mirror.ignore(path -> path.equals("/dir") || path.startsWith("/dir/"))
                                .includeEquals(true);
                    case "batch" -> mirror.batch(true);
                    default -> throw new AssertionError(run);
                }
                checkRun(mirror, dst, run);
            }
            List<String> entries = new ArrayList<>();
            dst.list("/")
                    .forEach(entry ->
                            entries.add(entry.path() + new String(EntryCodec.value(entry), StandardCharsets.UTF_8)));
            List<String> expected = new ArrayList<>();
            group.getAsJsonArray("dstFinal")
                    .forEach(item -> expected.add(item.getAsJsonArray().get(0).getAsString()
                            + JsonText.of(item.getAsJsonArray().get(1).toString())));
            assertThat(entries).isEqualTo(expected);
            Stores.checkState("mirror db", dst.db(), group.getAsJsonObject("dstDb"));
            Stores.checkState("mirror blobs", dst.blobs(), group.getAsJsonObject("dstBlobs"));
            Vectors.passed("mirror", runs.size());
            checkLocal(src, group);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static PutOptions metadata(String json) {
        return PutOptions.NONE.withMetadata(JsonText.of(json));
    }

    private static void checkRun(Mirror mirror, Drive dst, JsonObject run) {
        List<String> ops = new ArrayList<>();
        MirrorResult result = mirror.run(op -> ops.add(String.format(
                "[\"%s\",\"%s\",%d,%d]",
                op.type().name().toLowerCase(java.util.Locale.ROOT), op.path(), op.bytesRemoved(), op.bytesAdded())));
        String what = run.get("what").getAsString();
        assertThat(ops)
                .as(what)
                .isEqualTo(run.getAsJsonArray("ops").asList().stream()
                        .map(JsonElement::toString)
                        .toList());
        JsonObject count = run.getAsJsonObject("count");
        assertThat(result)
                .as(what)
                .isEqualTo(new MirrorResult(
                        count.get("files").getAsLong(),
                        count.get("add").getAsLong(),
                        count.get("change").getAsLong(),
                        count.get("remove").getAsLong(),
                        run.get("bytesAdded").getAsLong(),
                        run.get("bytesRemoved").getAsLong()));
        assertThat(dst.version()).as(what).isEqualTo(run.get("dstVersion").getAsLong());
        assertThat(dst.blobs().length())
                .as(what)
                .isEqualTo(run.get("dstBlobsLength").getAsLong());
    }

    private void checkLocal(Drive src, JsonObject group) {
        LocalFolder local = LocalFolder.of(folder.resolve("local"));
        MirrorResult result = Mirror.from(src).to(local).run();
        assertThat(result.added())
                .isEqualTo(group.getAsJsonObject("localCount").get("add").getAsLong());
        List<String> back = new ArrayList<>();
        for (Entry entry : local.list("/")) {
            back.add(String.format(
                    "[\"%s\",{\"executable\":%s,\"linkname\":%s,\"size\":%s}]",
                    entry.path(),
                    entry.executable(),
                    entry.linkname() == null ? "null" : "\"" + entry.linkname() + "\"",
                    entry.blob() == null ? "null" : local.size(entry)));
        }
        assertThat(back)
                .isEqualTo(group.getAsJsonArray("localFinal").asList().stream()
                        .map(JsonElement::toString)
                        .toList());
        Vectors.passed("mirror.localFinal", back.size());
    }

    @Test
    void aReaderKnowsNothingUntilItHasTheHeader() {
        Key key;
        try (LogStore store = Stores.open(folder.resolve("a"));
                Drive drive = Drive.open(store, "x")) {
            key = drive.key();
        }
        try (LogStore store = Stores.open(folder.resolve("b"));
                Drive reader = Drive.open(store, key)) {
            assertThat(reader.writable()).isFalse();
            assertThat(reader.version()).isZero();
            assertThat(reader.contentKey()).isEmpty();
        }
    }
}

package dev.espalier.drive;

import static dev.espalier.drive.Stores.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriveTest {

    @TempDir
    Path temp;

    private LogStore store;
    private Drive drive;

    @BeforeEach
    void open() {
        store = LogStore.open(temp.resolve("store"));
        drive = Drive.open(store, "site");
    }

    @AfterEach
    void close() {
        drive.close();
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertCode(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(EspalierException.class)
                .extracting(e -> ((EspalierException) e).code())
                .isEqualTo(code);
    }

    // ---- opening

    @Test
    void aDriveIsOpenedAgainByNameAndByKey() {
        drive.put("/a", utf8("x"));
        Key key = drive.key();
        Key contentKey = drive.contentKey().orElseThrow();
        drive.close();
        store.close();
        store = LogStore.open(temp.resolve("store"));
        try (Drive byKey = Drive.open(store, key)) {
            assertThat(byKey.get("/a")).asString().isEqualTo("x");
            assertThat(byKey.contentKey()).hasValue(contentKey);
            byKey.put("/b", utf8("y"));
        }
        drive = Drive.open(store, "site");
        assertThat(drive.key()).isEqualTo(key);
        assertThat(paths(drive.list("/"))).containsExactly("/a", "/b");
    }

    @Test
    void anOwnDriveThatWasOnlyNamedByItsDbIsWrittenByKey() {
        Key key;
        try (Log db = store.log("made without its blobs")) {
            key = db.key();
        }
        try (Drive byKey = Drive.open(store, key)) {
            assertThat(byKey.writable()).isTrue();
            byKey.put("/a", utf8("x"));
            assertThat(byKey.get("/a")).asString().isEqualTo("x");
        }
    }

    @Test
    void twoHandlesSeeTheSameDriveAndTakeTurns() throws Exception {
        try (Drive other = Drive.open(store, "site")) {
            List<Thread> writers = new ArrayList<>();
            for (Drive each : List.of(drive, other)) {
                Thread writer = new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        each.put("/" + System.identityHashCode(each) + "/" + i, Vectors.bytes(i + 1, 70_000));
                    }
                });
                writer.start();
                writers.add(writer);
            }
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(drive.version()).isEqualTo(101);
            for (Entry entry : other.list("/")) {
                int seed = Integer.parseInt(entry.path().substring(entry.path().lastIndexOf('/') + 1)) + 1;
                assertThat(drive.get(entry.path())).isEqualTo(Vectors.bytes(seed, 70_000));
            }
        }
    }

    // ---- readers

    @Test
    void writingToTheDriveOfSomebodyElseFailsAtOnce() {
        Key foreign;
        try (LogStore elsewhere = LogStore.open(temp.resolve("elsewhere"));
                Drive other = Drive.open(elsewhere, "x")) {
            other.put("/a", utf8("x"));
            foreign = other.key();
        }
        try (Drive reader = Drive.open(store, foreign)) {
            assertThat(reader.writable()).isFalse();
            assertCode("ERR_NOT_WRITABLE", () -> reader.put("/a", utf8("x")));
            assertCode("ERR_NOT_WRITABLE", () -> reader.delete("/a"));
            assertCode("ERR_NOT_WRITABLE", () -> reader.symlink("/a", "b"));
            assertCode("ERR_NOT_WRITABLE", () -> reader.newOutputStream("/a"));
            assertCode("ERR_NOT_WRITABLE", reader::batch);
            assertCode("ERR_NOT_WRITABLE", () -> reader.truncate(1));
            assertCode("ERR_NOT_WRITABLE", () -> Mirror.from(drive).to(reader).run());
            assertCode("ERR_NOT_FOUND", () -> reader.get("/a"));
            assertCode("ERR_NOT_FOUND", reader::blobs);
            assertCode("ERR_NOT_FOUND", () -> reader.list("/"));
        }
    }

    @Test
    void aBlockThatNobodyHasIsNamed() {
        Entry lost = new Entry(0, "/lost", false, null, new BlobId(7, 0, 1, 5), null);
        drive.put("/a", utf8("x")).putEntry(lost);
        assertThatThrownBy(() -> drive.get("/lost"))
                .hasMessageContaining("Block 7 of log " + drive.blobs().key());
        assertCode("ERR_NOT_FOUND", () -> drive.get("/lost"));
        assertThat(drive.has("/lost")).isFalse();
        assertThat(drive.has("/a")).isTrue();
        assertThat(drive.has("/")).isFalse();
        assertThat(drive.has("/nothing")).isFalse();
    }

    // ---- writing

    @Test
    void streamsCutBlocksLikePuts() {
        byte[] bytes = Vectors.bytes(3, 2_500_000);
        drive.put("/put", bytes);
        try (EntryOutput out = drive.newOutputStream("/stream", PutOptions.EXECUTABLE)) {
            for (int at = 0, step = 1; at < bytes.length; at += step, step = step * 5 % 90_001 + 1) {
                out.write(bytes, at, Math.min(step, bytes.length - at));
            }
        }
        drive.put("/source", new java.io.ByteArrayInputStream(bytes), PutOptions.NONE);
        Entry put = drive.entry("/put");
        for (String path : List.of("/stream", "/source")) {
            Entry entry = drive.entry(path);
            assertThat(drive.get(path)).isEqualTo(bytes);
            assertThat(entry.blob().blockLength()).isEqualTo(put.blob().blockLength());
            for (long i = 0; i < put.blob().blockLength(); i++) {
                assertThat(drive.blobs().get(entry.blob().blockOffset() + i))
                        .isEqualTo(drive.blobs().get(put.blob().blockOffset() + i));
            }
        }
        assertThat(drive.entry("/stream").executable()).isTrue();
    }

    @Test
    void copyingADriveKeepsItsBlocks() {
        try (EntryOutput out = drive.newOutputStream("/odd")) {
            for (int size : new int[] {3, 0, 70_000, 1}) {
                out.writeBlock(ByteBuffer.allocate(size));
            }
        }
        try (Drive copy = Drive.open(store, "copy")) {
            Mirror.from(drive).to(copy).run();
            assertThat(copy.blobs().treeHash()).isEqualTo(drive.blobs().treeHash());
            assertThat(copy.db().treeHash()).isEqualTo(drive.db().treeHash());
        }
    }

    @Test
    void anAbortedStreamLeavesNoEntry() {
        EntryOutput out = drive.newOutputStream("/a");
        out.write(new byte[3_000_000], 0, 3_000_000);
        out.abort();
        out.close();
        assertThat(drive.exists("/a")).isFalse();
        drive.put("/b", utf8("x"));
        assertThat(drive.get("/b")).asString().isEqualTo("x");
        assertThatThrownBy(() -> out.write(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aBatchCannotWriteIntoTheBlobOfAnOpenStream() throws Exception {
        EntryOutput out = drive.newOutputStream("/stream");
        out.write(utf8("first "));
        try (DriveBatch batch = drive.batch()) {
            assertThatThrownBy(() -> batch.put("/same thread", utf8("x"))).isInstanceOf(IllegalStateException.class);
        }
        CountDownLatch started = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try (DriveBatch batch = drive.batch()) {
                started.countDown();
                batch.put("/batch", utf8("in between?"));
                batch.flush();
            }
        });
        other.start();
        started.await();
        while (other.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        out.write(utf8("second"));
        out.close();
        other.join();
        assertThat(drive.get("/stream")).asString().isEqualTo("first second");
        assertThat(drive.get("/batch")).asString().isEqualTo("in between?");
    }

    @Test
    void aBatchShowsWhatItStagedAndIsVisibleInOneStep() {
        drive.put("/a", utf8("old")).put("/gone", utf8("x"));
        try (DriveBatch batch = drive.batch()) {
            batch.put("/a", utf8("new"))
                    .put("/dir/b", utf8("b"))
                    .delete("/gone")
                    .symlink("/l", "a");
            assertThat(batch.get("/a")).asString().isEqualTo("new");
            assertThat(paths(batch.list("/"))).containsExactly("/a", "/dir/b", "/l");
            assertThat(batch.readdir("/")).containsExactly("a", "dir", "l");
            assertThat(batch.exists("/gone")).isFalse();
            assertThat(drive.get("/a")).asString().isEqualTo("old");
            assertThat(paths(drive.list("/"))).containsExactly("/a", "/gone");
            assertThat(batch.size()).isEqualTo(4);
            assertThat(batch.version()).isEqualTo(7);
            assertThat(batch.flush()).isEqualTo(7);
            assertThatThrownBy(() -> batch.put("/x", utf8("x"))).isInstanceOf(IllegalStateException.class);
        }
        assertThat(paths(drive.list("/"))).containsExactly("/a", "/dir/b", "/l");
        assertThat(paths(drive.checkout(3).list("/"))).containsExactly("/a", "/gone");
        assertCode("ERR_NOT_FOUND", () -> drive.checkout(4).exists("/a"));
        assertCode("ERR_NOT_FOUND", () -> drive.truncate(4));
        assertCode("BAD_ARGUMENT", () -> drive.truncate(8));
        assertThat(drive.version()).isEqualTo(7);
    }

    @Test
    void aCheckoutStaysAsItWas() {
        drive.put("/a", utf8("1"));
        DriveCheckout before = drive.checkout(drive.version());
        drive.put("/a", utf8("2")).put("/b", utf8("b"));
        assertThat(before.get("/a")).asString().isEqualTo("1");
        assertThat(before.exists("/b")).isFalse();
        assertThat(before.blobsLength()).isEqualTo(1);
        assertThat(drive.checkout(0).list("/")).isEmpty();
        assertThat(drive.diff(before.version())).extracting(Drive.Change::path).containsExactly("/a", "/b");
    }

    @Test
    void historyTellsPutsAndDeletions() {
        drive.put("/a", utf8("1")).put("/b", utf8("2")).delete("/a");
        drive.btree().put(utf8("outside the files"), utf8("x"));
        List<String> history = new ArrayList<>();
        drive.history(0, Long.MAX_VALUE)
                .forEach(item -> history.add(item.seq() + item.path() + (item.entry() == null ? "-" : "+")));
        assertThat(history).containsExactly("1/a+", "2/b+", "3/a-");
        assertThat(drive.history(2, 3)).hasSize(1);
        assertThat(paths(drive.entries(PathRange.ALL))).containsExactly("/b");
        assertThat(drive.btree().get(utf8("outside the files"))).isNotNull();
    }

    @Test
    void linksAreFollowedOnRequestOnly() {
        drive.put("/target", utf8("x"))
                .symlink("/l", "/target")
                .symlink("/ll", "/l")
                .symlink("/loop", "/loop")
                .symlink("/up", "../../x");
        assertThat(drive.get("/l")).isNull();
        assertThat(drive.resolve("/ll").path()).isEqualTo("/target");
        assertThat(drive.resolve("/nothing")).isNull();
        assertCode("ERR_INVALID_INPUT", () -> drive.resolve("/loop"));
        assertCode("ERR_INVALID_INPUT", () -> drive.resolve("/up"));
    }

    @Test
    void aFolderAndAFileOfTheSameNameAreListedOnce() {
        for (String path : List.of("/foo", "/foo.txt", "/foo/a", "/foo/b", "/x/a", "/x/b", "/x0", "/y")) {
            drive.put(path, utf8(path));
        }
        assertThat(drive.readdir("/")).containsExactly("foo", "foo.txt", "x", "x0", "y");
        assertThat(paths(drive.list("/", ListOptions.SHALLOW)))
                .containsExactly("/foo", "/foo.txt", "/x/a", "/x0", "/y");
        assertThat(paths(drive.list("/", ListOptions.SHALLOW.reversed())))
                .containsExactly("/y", "/x0", "/x/b", "/foo.txt", "/foo");
        assertThat(paths(drive.list("/", ListOptions.SHALLOW.ignoring(List.of("/foo", "/x/a", "/foo/a")::contains))))
                .containsExactly("/foo.txt", "/foo/b", "/x/b", "/x0", "/y");
        assertThat(paths(drive.list("/", ListOptions.SHALLOW.limit(2)))).containsExactly("/foo", "/foo.txt");
    }

    // ---- blobs that lie

    private InputStream read(BlobId blob) {
        return drive.newInputStream(new Entry(0, "/x", false, null, blob, null), 0, Long.MAX_VALUE);
    }

    @Test
    void blobsThatLieAboutTheirSizeFailClearly() {
        drive.put("/a", utf8("0123456789"));
        long huge = WireReader.MAX_NUMBER;
        assertCode("ERR_CORRUPT", () -> read(new BlobId(0, 0, 1, 11)).readAllBytes());
        assertCode("ERR_NOT_FOUND", () -> read(new BlobId(0, 0, huge, huge)).readAllBytes());
        assertCode("ERR_CORRUPT", () -> read(new BlobId(huge, 0, huge, huge)).readAllBytes());
        drive.putEntry(new Entry(0, "/lie", false, null, new BlobId(0, 0, 1, Integer.MAX_VALUE - 100), null));
        assertCode("ERR_CORRUPT", () -> drive.get("/lie"));
        drive.putEntry(new Entry(0, "/lie", false, null, new BlobId(0, 0, 1, huge), null));
        assertCode("ERR_INVALID_INPUT", () -> drive.get("/lie"));
        LocalFolder out = LocalFolder.of(temp.resolve("out"));
        assertCode("ERR_CORRUPT", () -> Mirror.from(drive).to(out).run());
        assertThat(out.exists("/lie")).isFalse();
    }

    @Test
    void blockMapsThatMakeNoSenseFailClearly() throws IOException {
        Log blobs = drive.blobs();
        blobs.append(utf8("0123456789"));
        byte[][] maps = {
            new CompactWriter().uint(1).uint(0).toByteArray(),
            new CompactWriter().uint(0).uint(1_000_000).toByteArray(),
            new CompactWriter().uint(0).uint(1).uint(0).uint(1L << 40).toByteArray(),
            new CompactWriter().uint(0).uint(1).uint(0).uint(9).toByteArray(),
            new byte[0]
        };
        for (byte[] map : maps) {
            BlobId id = new BlobId(blobs.length(), 0, 1, map.length + 1, true);
            blobs.append(map);
            assertCode("ERR_CORRUPT", () -> read(id).readAllBytes());
        }
        assertCode("ERR_CORRUPT", () -> read(new BlobId(0, 0, 65, 10, true)));
        try (InputStream empty = read(new BlobId(0, 0, 0, 0, true))) {
            assertThat(empty.readAllBytes()).isEmpty();
        }
    }

    @Test
    void hostilePathsOfADriveCannotLeaveTheFolder() throws IOException {
        byte[] value = EntryCodec.value(new Entry(0, "/x", false, "x", null, null));
        for (String path : List.of("/../../escaped", "/a/../../escaped", "/..", "/nul\0byte")) {
            try (Drive hostile = Drive.open(store, "hostile " + path)) {
                hostile.btree().put(EntryCodec.key(path), value);
                LocalFolder out = LocalFolder.of(temp.resolve("deep/er/out"));
                assertCode(
                        "ERR_INVALID_INPUT", () -> Mirror.from(hostile).to(out).run());
            }
        }
        assertThat(temp.resolve("escaped")).doesNotExist();
        assertThat(temp.resolve("deep/escaped")).doesNotExist();
    }

    // ---- watching and fetching

    @Test
    void aWatchTellsOfItsFolderOnlyAndJoinsChanges() throws Exception {
        drive.put("/dir/a", utf8("1"));
        try (DriveWatch watch = drive.watch("/dir")) {
            drive.put("/elsewhere", utf8("x"));
            assertThat(watch.next(Duration.ZERO)).isNull();
            drive.put("/dir/a", utf8("2")).put("/dir/b", utf8("b"));
            DriveWatch.Update update = watch.next(Duration.ofSeconds(30));
            assertThat(update).isNotNull();
            assertThat(paths(update.now().list("/dir"))).containsExactly("/dir/a", "/dir/b");
            assertThat(paths(update.before().list("/dir"))).containsExactly("/dir/a");
            assertThat(watch.next(Duration.ZERO)).isNull();
            Thread writer = new Thread(() -> drive.delete("/dir/a"));
            writer.start();
            assertThat(watch.next(Duration.ofSeconds(30))).isNotNull();
            writer.join();
            drive.truncate(2);
            assertThat(watch.next(Duration.ofSeconds(30))).isNotNull();
        }
    }

    @Test
    void aDownloadOfWhatIsHereIsDone() throws Exception {
        drive.put("/dir/a", Vectors.bytes(1, 200_000)).put("/dir/b", utf8("b")).symlink("/dir/l", "a");
        try (Download download = drive.download("/dir")) {
            assertThat(download.done().get(30, TimeUnit.SECONDS)).isSameAs(download);
            assertThat(download.files()).isEqualTo(3);
            assertThat(download.totalBlocks()).isEqualTo(5);
            assertThat(download.heldBlocks()).isEqualTo(5);
        }
        drive.putEntry(new Entry(0, "/lost", false, null, new BlobId(100, 0, 3, 5), null));
        try (Download download = drive.download("/lost")) {
            assertThatThrownBy(() -> download.done().get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(EspalierException.class);
        }
    }

    @Test
    void aMirrorSeesAChangeOfAnyByte() {
        byte[] bytes = Vectors.bytes(9, 3 * BlobId.BLOCK_SIZE + 5);
        LocalFolder source = LocalFolder.of(temp.resolve("source")).durable(false);
        source.put("/a", bytes);
        Mirror.from(source).to(drive).run();
        for (int changed : new int[] {0, BlobId.BLOCK_SIZE - 1, BlobId.BLOCK_SIZE, bytes.length - 1}) {
            bytes[changed]++;
            source.put("/a", bytes);
            assertThat(Mirror.from(source).to(drive).run().changed())
                    .as("byte " + changed)
                    .isEqualTo(1);
            assertThat(drive.get("/a")).isEqualTo(bytes);
        }
        assertThat(Mirror.from(source).to(drive).run().isEqual()).isTrue();
    }

    @Test
    void anInterruptedMirrorChangesNothing() {
        for (int i = 0; i < 20; i++) {
            drive.put("/" + i, utf8("x" + i));
        }
        try (Drive copy = Drive.open(store, "copy")) {
            List<MirrorOp> ops = new ArrayList<>();
            assertCode(
                    "ERR_CANCELLED",
                    () -> Mirror.from(drive).to(copy).run(op -> {
                        ops.add(op);
                        if (ops.size() == 5) {
                            Thread.currentThread().interrupt();
                        }
                    }));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(ops).hasSize(5);
            assertThat(copy.list("/")).isEmpty();
            assertThat(Mirror.from(drive).to(copy).run().added()).isEqualTo(20);
        }
    }
}

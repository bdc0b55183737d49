package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.log.LogStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnchangedFilesTest {

    private static final long LONG_AGO = 1_000_000_000L;

    @TempDir
    Path temp;

    private final MemoryFiles source = new MemoryFiles();
    private LogStore store;
    private Drive drive;
    private Path remembered;

    /** Files in memory whose stamps a test sets. */
    private static final class MemoryFiles implements FileTree {

        private final TreeMap<String, byte[]> files = new TreeMap<>();
        private final Map<String, FileStamp> stamps = new HashMap<>();
        private int reads;
        private @Nullable Runnable whileReading;

        void put(String path, String text, long changed) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            files.put(path, bytes);
            stamps.put(path, new FileStamp(bytes.length, changed, changed, path.hashCode(), 1));
        }

        @Override
        public @Nullable Entry entry(String path) {
            byte[] bytes = files.get(path);
            return bytes == null ? null : new Entry(0, path, false, null, new BlobId(0, 0, 1, bytes.length), null);
        }

        @Override
        public Iterable<Entry> list(String folder, ListOptions options) {
            return files.keySet().stream().map(this::entry)::iterator;
        }

        @Override
        public Iterable<String> readdir(String folder) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size(Entry entry) {
            return entry.blob() == null ? 0 : entry.blob().byteLength();
        }

        @Override
        public InputStream newInputStream(Entry entry, long start, long length) {
            reads++;
            byte[] bytes = files.get(entry.path());
            if (whileReading != null) {
                whileReading.run();
            }
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public @Nullable FileStamp stamp(Entry entry) {
            return stamps.get(entry.path());
        }
    }

    @BeforeEach
    void open() {
        store = Stores.open(temp.resolve("store"));
        drive = Drive.open(store, "site");
        remembered = temp.resolve("notes/site");
        for (int i = 0; i < 40; i++) {
            source.put("/file-" + i, "content " + i, LONG_AGO);
        }
    }

    @AfterEach
    void close() {
        drive.close();
        store.close();
    }

    private Mirror mirror() {
        return Mirror.from(source).to(drive).remember(remembered);
    }

    /** Runs, and returns how many files were read. */
    private int readsOf(Mirror mirror) {
        int before = source.reads;
        mirror.run();
        return source.reads - before;
    }

    @Test
    void whatWasCopiedOrComparedIsNotReadAgain() {
        assertThat(readsOf(mirror())).isEqualTo(40);
        assertThat(readsOf(mirror())).isZero();
        assertThat(readsOf(Mirror.from(source).to(drive))).isEqualTo(40);
        source.put("/file-7", "c0ntent 7", LONG_AGO + 1);
        assertThat(mirror().run().changed()).isEqualTo(1);
        assertThat(drive.get("/file-7")).asString().isEqualTo("c0ntent 7");
        // It was written behind files that come later, so it is compared once more, and then known.
        assertThat(readsOf(mirror())).isEqualTo(1);
        assertThat(readsOf(mirror())).isZero();
        assertThat(readsOf(mirror().dryRun(true))).isZero();
    }

    @Test
    void eachPartOfAStampCounts() {
        mirror().run();
        FileStamp was = source.stamps.get("/file-3");
        for (FileStamp other : new FileStamp[] {
            new FileStamp(was.size(), was.modified() + 1, was.changed(), was.inode(), was.device()),
            new FileStamp(was.size(), was.modified(), was.changed() + 1, was.inode(), was.device()),
            new FileStamp(was.size(), was.modified(), was.changed(), was.inode() + 1, was.device()),
            new FileStamp(was.size(), was.modified(), was.changed(), was.inode(), was.device() + 1)
        }) {
            source.stamps.put("/file-3", other);
            assertThat(readsOf(mirror())).isEqualTo(1);
            source.stamps.put("/file-3", was);
            mirror().run();
        }
        source.stamps.remove("/file-3");
        assertThat(readsOf(mirror())).isEqualTo(1);
    }

    @Test
    void aFileThatSomebodyMayStillBeWritingIsNotRemembered() {
        source.put("/file-1", "content 1", UnchangedFiles.now());
        source.put("/file-2", "content 2", UnchangedFiles.now() + 3_600_000_000_000L);
        mirror().run();
        assertThat(readsOf(mirror())).isEqualTo(2);
        assertThat(readsOf(mirror())).isEqualTo(2);
        assertThat(readsOf(mirror().rememberAfter(Duration.ZERO))).isEqualTo(2);
        assertThat(readsOf(mirror())).isEqualTo(1);
    }

    @Test
    void aFileThatChangesWhileItIsReadIsNotRemembered() {
        source.whileReading = () -> source.put("/file-9", "c0ntent 9", LONG_AGO + 5);
        mirror().run();
        source.whileReading = null;
        mirror().run();
        assertThat(drive.get("/file-9")).asString().isEqualTo("c0ntent 9");
    }

    @Test
    void onRequestAllIsReadWhateverIsRemembered() {
        mirror().run();
        FileStamp forged = source.stamps.get("/file-5");
        source.put("/file-5", "c0ntent 5", 0);
        source.stamps.put("/file-5", forged);
        assertThat(mirror().run().isEqual()).isTrue();
        assertThat(readsOf(mirror().checksum(true))).isEqualTo(41);
        assertThat(drive.get("/file-5")).asString().isEqualTo("c0ntent 5");
        assertThat(mirror().run().isEqual()).isTrue();
    }

    @Test
    void whatTheDriveNoLongerHoldsDoesNotCount() {
        mirror().run();
        drive.put("/file-4", "another 4".getBytes(StandardCharsets.UTF_8));
        assertThat(mirror().run().changed()).isEqualTo(1);
        assertThat(drive.get("/file-4")).asString().isEqualTo("content 4");
        mirror().run();
        drive.truncate(1);
        source.files.replaceAll((path, bytes) -> new String(bytes, StandardCharsets.UTF_8)
                .replace("content", "CONTENT")
                .getBytes(StandardCharsets.UTF_8));
        Mirror.from(source).to(drive).run();
        assertThat(readsOf(mirror())).isEqualTo(40);
    }

    @Test
    void aDamagedNoteCountsAsNone() throws IOException {
        mirror().run();
        byte[] sound = Files.readAllBytes(remembered);
        FileStamp forged = source.stamps.get("/file-5");
        // Only with a sound note would this change be missed.
        source.put("/file-5", "c0ntent 5", 0);
        source.stamps.put("/file-5", forged);
        for (int at = 0; at < sound.length; at += 97) {
            byte[] damaged = sound.clone();
            damaged[at] ^= 1;
            Files.write(remembered, damaged);
            assertThat(mirror().dryRun(true).run().changed()).as("byte " + at).isEqualTo(1);
            Files.write(remembered, java.util.Arrays.copyOf(sound, at));
            assertThat(mirror().dryRun(true).run().changed()).as("cut at " + at).isEqualTo(1);
        }
        Files.write(remembered, sound);
        assertThat(mirror().dryRun(true).run().changed()).isZero();
    }

    @Test
    void aPlaceWhereNothingCanBeKeptIsNoFailure() throws IOException {
        Files.write(temp.resolve("notes"), new byte[1]);
        assertThat(mirror().run().added()).isEqualTo(40);
        assertThat(readsOf(mirror())).isEqualTo(40);
    }

    @Test
    void onDiskAChangeWithTheSameSizeAndTimeIsSeen() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Path file = Files.writeString(folder.resolve("a"), "one");
        Path other = Files.writeString(folder.resolve("b"), "two");
        assumeTrue(FileStamp.of(file) != null, "this file system is not one whose stamps are relied on");
        assertThat(FileStamp.of(folder)).isNull();
        FileTime time = Files.getLastModifiedTime(file);
        long[] compared = {0};
        MirrorListener count = new MirrorListener() {
            @Override
            public void op(MirrorOp op) {}

            @Override
            public void compared(long bytes) {
                compared[0] += bytes;
            }
        };
        Mirror mirror = Mirror.from(LocalFolder.of(folder))
                .to(drive)
                .remember(remembered)
                .rememberAfter(Duration.ZERO);
        mirror.run(count);
        assertThat(mirror.run(count).isEqual()).isTrue();
        assertThat(compared[0]).isZero();

        FileStamp before = FileStamp.of(file);
        awaitTick(folder, before);
        Files.writeString(file, "1ne");
        Files.setLastModifiedTime(file, time);
        assertThat(mirror.run(count).changed()).isEqualTo(1);
        assertThat(drive.get("/a")).asString().isEqualTo("1ne");

        Path replacement = Files.writeString(temp.resolve("replacement"), "2wo");
        Files.setLastModifiedTime(replacement, Files.getLastModifiedTime(other));
        Files.move(replacement, other, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        assertThat(mirror.run(count).changed()).isEqualTo(1);
        Files.delete(other);
        Files.createSymbolicLink(other, Path.of("a"));
        assertThat(FileStamp.of(other)).isNull();
        assertThat(mirror.run(count).changed()).isEqualTo(1);
    }

    /** Waits until the clock of the file system, which ticks every few milliseconds, went on. */
    private static void awaitTick(Path folder, FileStamp stamp) throws IOException {
        Path probe = folder.resolveSibling("probe");
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        FileStamp now = stamp;
        while (now == null || now.changed() <= stamp.changed()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Files.writeString(probe, "tick");
            now = FileStamp.of(probe);
        }
    }

    @Test
    void theOrderOfAListingDoesNotMatter() {
        FileTree backwards = new FileTree() {
            @Override
            public @Nullable Entry entry(String path) {
                return source.entry(path);
            }

            @Override
            public Iterable<Entry> list(String folder, ListOptions options) {
                return () -> (Iterator<Entry>) source.files.descendingKeySet().stream()
                        .map(source::entry)
                        .iterator();
            }

            @Override
            public Iterable<String> readdir(String folder) {
                return source.readdir(folder);
            }

            @Override
            public long size(Entry entry) {
                return source.size(entry);
            }

            @Override
            public InputStream newInputStream(Entry entry, long start, long length) {
                return source.newInputStream(entry, start, length);
            }

            @Override
            public @Nullable FileStamp stamp(Entry entry) {
                return source.stamp(entry);
            }
        };
        Mirror mirror = Mirror.from(backwards).to(drive).remember(remembered);
        assertThat(mirror.run().added()).isEqualTo(40);
        assertThat(mirror.run().isEqual()).isTrue();
        source.put("/file-20", "c0ntent 20", LONG_AGO + 1);
        assertThat(mirror.run().changed()).isEqualTo(1);
    }

    @Test
    void theQuickReaderOfEntriesReadsWhatTheOtherReads() {
        String canonical = "{\"executable\":true,\"linkname\":null,\"blob\":{\"blockOffset\":12,\"byteOffset\":345,"
                + "\"blockLength\":6,\"byteLength\":9007199254740991},\"metadata\":null}";
        byte[] key = EntryCodec.key("/x");
        for (String value : new String[] {
            canonical, canonical.replace("true", "false"), canonical.replace("991}", "991,\"blockMap\":true}"),
        }) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            Entry quick = PlainEntry.read(9, "/x", bytes);
            byte[] spaced = value.replace(",", ", ").getBytes(StandardCharsets.UTF_8);
            assertThat(PlainEntry.read(9, "/x", spaced)).isNull();
            assertThat(quick).isNotNull().isEqualTo(EntryCodec.entry(new TreeItem(9, key, spaced)));
            assertThat(EntryCodec.value(quick)).isEqualTo(bytes);
            for (int cut = 0; cut < bytes.length; cut++) {
                assertThat(PlainEntry.read(9, "/x", java.util.Arrays.copyOf(bytes, cut)))
                        .isNull();
            }
        }
        for (String odd : new String[] {
            canonical.replace("12", "012"),
            canonical.replace("12", ""),
            canonical.replace("12", "-1"),
            canonical.replace("12", "1.5"),
            canonical.replace("9007199254740991", "9007199254740992"),
            canonical.replace("9007199254740991", "12345678901234567890"),
            canonical + " ",
            canonical.replace("\"metadata\":null", "\"metadata\":{}")
        }) {
            assertThat(PlainEntry.read(9, "/x", odd.getBytes(StandardCharsets.UTF_8)))
                    .as(odd)
                    .isNull();
        }
    }
}

package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.LogStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree of many files: {@code -Despalier.large.files=…}, some thousand in the normal run, 200,000 in the profile soak. */
class LargeTreeTest {

    private static final int FILES = Integer.getInteger("espalier.large.files", 5000);
    private static final long LONG_AGO = 1_000_000_000L;

    @TempDir
    Path temp;

    /** Files made when they are asked for; counts how many are read. */
    private static final class ManyFiles implements FileTree {

        private int reads;
        private int changed = -1;

        private static int number(String path) {
            return Integer.parseInt(path.substring(path.lastIndexOf('-') + 1));
        }

        @Override
        public @Nullable Entry entry(String path) {
            return path.matches("/folder-\\d{4}/file-\\d{6}") && number(path) < FILES
                    ? new Entry(0, path, false, null, new BlobId(0, 0, 1, Integer.BYTES), null)
                    : null;
        }

        @Override
        public Iterable<Entry> list(String folder, ListOptions options) {
            return IntStream.range(0, FILES)
                    .mapToObj(i -> String.format(Locale.ROOT, "/folder-%04d/file-%06d", i / 100, i))
                    .map(this::entry)::iterator;
        }

        @Override
        public Iterable<String> readdir(String folder) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size(Entry entry) {
            return Integer.BYTES;
        }

        @Override
        public InputStream newInputStream(Entry entry, long start, long length) {
            reads++;
            int number = number(entry.path());
            return new ByteArrayInputStream(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(number == changed ? -1 : number)
                    .array());
        }

        @Override
        public FileStamp stamp(Entry entry) {
            int number = number(entry.path());
            long time = number == changed ? LONG_AGO + 1 : LONG_AGO;
            return new FileStamp(Integer.BYTES, LONG_AGO, time, number, 1);
        }
    }

    @Test
    void againWithoutChangeNothingIsReadOrAppended() {
        ManyFiles files = new ManyFiles();
        try (LogStore store = Stores.open(temp.resolve("store"));
                Drive drive = Drive.open(store, "site")) {
            Mirror mirror = Mirror.from(files).to(drive).remember(temp.resolve("known"));
            assertThat(mirror.run().added()).isEqualTo(FILES);
            assertThat(files.reads).isEqualTo(FILES);
            long version = drive.version();
            long blobs = drive.blobs().length();

            MirrorResult again = mirror.run();

            assertThat(again.files()).isEqualTo(FILES);
            assertThat(again.isEqual()).isTrue();
            assertThat(files.reads).isEqualTo(FILES);
            assertThat(drive.version()).isEqualTo(version);
            assertThat(drive.blobs().length()).isEqualTo(blobs);

            files.changed = FILES / 2;
            assertThat(mirror.run().changed()).isEqualTo(1);
            // Once to compare, once to copy.
            assertThat(files.reads).isEqualTo(FILES + 2);
            assertThat(drive.version()).isEqualTo(version + 1);
            assertThat(drive.blobs().length()).isEqualTo(blobs + 1);
        }
    }
}

package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.LogStore;
import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorResumeTest {

    @TempDir
    Path folder;

    private Path files;

    @BeforeEach
    void write() throws IOException {
        files = Files.createDirectories(folder.resolve("files"));
        write("a", 10);
        write("b", 1_300_000); // More blocks than one append takes.
        write("c", 0);
        write("d", 70_000);
        write("e", 1_200_000);
        write("f", 1);
    }

    private void write(String name, int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(name.hashCode()).nextBytes(bytes);
        Files.write(files.resolve(name), bytes);
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Stops what it listens to at one of its calls. */
    private static final class Killer implements MirrorListener {

        private int left;

        Killer(int calls) {
            left = calls;
        }

        @Override
        public void op(MirrorOp op) {
            count();
        }

        @Override
        public void copied(long bytes) {
            count();
        }

        private void count() {
            if (left-- == 0) {
                throw new Killed();
            }
        }
    }

    private record Ended(long version, Hash db, long blocks, Hash blobs) {
        static Ended of(Drive drive) {
            return new Ended(
                    drive.version(),
                    drive.db().treeHash(),
                    drive.blobs().length(),
                    drive.blobs().treeHash());
        }
    }

    private Mirror into(Drive drive) {
        return Mirror.from(LocalFolder.of(files)).to(drive).resume(true);
    }

    /** Runs it until it is killed; false when it came to its end before. */
    private boolean killed(Drive drive, int calls) {
        try {
            into(drive).run(new Killer(calls));
            return false;
        } catch (Killed e) {
            return true;
        }
    }

    private Ended undisturbed() {
        try (LogStore store = LogStore.open(folder.resolve("undisturbed"));
                Drive drive = Drive.open(store, "own")) {
            Mirror.from(LocalFolder.of(files)).to(drive).run();
            return Ended.of(drive);
        }
    }

    private static void assertHolds(Drive drive, Path expected) throws IOException {
        List<String> names = new ArrayList<>();
        for (Entry entry : drive.list("/")) {
            names.add(entry.path().substring(1));
            assertThat(drive.get(entry.path()))
                    .isEqualTo(Files.readAllBytes(expected.resolve(names.get(names.size() - 1))));
        }
        try (var present = Files.list(expected)) {
            assertThat(names)
                    .containsExactlyInAnyOrderElementsOf(
                            present.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void whereverItIsKilledTheNextRunEndsAsIfNothingHadHappened() {
        Ended expected = undisturbed();
        boolean more = true;
        int kills = 0;
        for (int calls = 0; more; calls += 2) {
            Path place = folder.resolve("killed" + calls);
            try (LogStore store = LogStore.open(place);
                    Drive drive = Drive.open(store, "own")) {
                more = killed(drive, calls);
                kills += more ? 1 : 0;
            }
            try (LogStore store = LogStore.open(place);
                    Drive drive = Drive.open(store, "own")) {
                into(drive).run();
                assertThat(Ended.of(drive)).as("killed at call %d", calls).isEqualTo(expected);
            }
        }
        assertThat(kills).isGreaterThan(20);
    }

    @Test
    void itMayBeKilledAgainAndAgain() {
        Ended expected = undisturbed();
        try (LogStore store = LogStore.open(folder.resolve("again"));
                Drive drive = Drive.open(store, "own")) {
            int kills = 0;
            while (killed(drive, 9 * kills)) {
                kills++;
            }
            assertThat(kills).isGreaterThan(4);
            assertThat(Ended.of(drive)).isEqualTo(expected);
        }
    }

    @Test
    void aLaterVersionOfTheFilesIsStillRight() throws IOException {
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "own")) {
            assertThat(killed(drive, 44)).isTrue();
            long left = drive.blobs().length();
            assertThat(left).isGreaterThan(20);
            byte[] changed = Files.readAllBytes(files.resolve("b"));
            changed[1_250_000] ^= 1; // In a block after the first append.
            Files.write(files.resolve("b"), changed);

            into(drive).run();

            assertHolds(drive, files);
            // The file before it was taken over, this one lies behind all that was left.
            assertThat(drive.entry("/a").blob().blockOffset()).isZero();
            assertThat(drive.entry("/b").blob().blockOffset()).isEqualTo(left);
        }
    }

    @Test
    void whatAnOlderVersionHoldsIsNeverTakenOver() throws IOException {
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "own")) {
            into(drive).run();
            Files.delete(files.resolve("f"));
            into(drive).run();
            long blocks = drive.blobs().length();
            write("f", 1);
            into(drive).run();
            // As in JavaScript: the same bytes a second time.
            assertThat(drive.blobs().length()).isEqualTo(blocks + 1);
        }
    }

    @Test
    void whatOthersAppendBeforeTheNextRunIsLeftAlone() throws IOException {
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "own")) {
            assertThat(killed(drive, 44)).isTrue();
            appendForeign(drive);
            into(drive).run();
            assertHolds(drive, files);
        }
    }

    @Test
    void nobodyAppendsWhileAMirrorPutsFilesOneAfterTheOther() throws IOException {
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "own")) {
            MirrorListener past = op -> {
                if (op.path().equals("/d")) {
                    appendForeign(drive);
                }
            };
            assertThatThrownBy(() -> into(drive).run(past)).isInstanceOf(IllegalStateException.class);
            MirrorListener below = op -> {
                if (op.path().equals("/d")) {
                    drive.blobs().append(new byte[] {1, 2, 3});
                }
            };
            assertThatThrownBy(() -> into(drive).run(below)).hasMessageContaining("had the right to append");
            into(drive).run();
            assertHolds(drive, files);
        }
    }

    /** As many as one append takes, and never an entry for them. */
    private static void appendForeign(Drive drive) {
        EntryOutput foreign = drive.newOutputStream("/foreign");
        for (int i = 0; i < BlobWriter.GROUP; i++) {
            foreign.writeBlock(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
        foreign.abort();
    }

    @Test
    void withoutAnyChangeNothingIsNoted() {
        try (LogStore store = LogStore.open(folder.resolve("store"));
                Drive drive = Drive.open(store, "own")) {
            into(drive).run();
            assertThat(drive.blobs().userData("espalier/batch")).isNull();
            assertThatThrownBy(() -> into(drive).includeEquals(true).run(new Killer(0)))
                    .isInstanceOf(Killed.class);
            assertThat(drive.blobs().userData("espalier/batch")).isNull();
        }
    }
}

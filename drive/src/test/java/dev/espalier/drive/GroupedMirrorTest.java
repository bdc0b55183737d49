package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a mirror are appended several at a time; nobody may see that in the blocks. */
class GroupedMirrorTest {

    @TempDir
    Path temp;

    private LogStore store;
    private Path source;

    @BeforeEach
    void open() throws IOException {
        store = Stores.open(temp.resolve("store"));
        source = Files.createDirectories(temp.resolve("source/sub"));
        Random random = new Random(6);
        int[] sizes = {0, 1, 65_535, 65_536, 65_537, 200_000, 4_194_304, 4_194_305, 9_000_000};
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[i < sizes.length ? sizes[i] : random.nextInt(30_000)];
            random.nextBytes(bytes);
            Files.write(source.resolve("file-" + i), bytes);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private LocalFolder folder() {
        return LocalFolder.of(temp.resolve("source"));
    }

    @Test
    void theBlocksAreThoseOfFilesPutOneByOne() {
        try (Drive grouped = Drive.open(store, "grouped");
                Drive single = Drive.open(store, "single")) {
            Mirror.from(folder()).to(grouped).run();
            try (DriveBatch batch = single.batch()) {
                for (Entry entry : folder().list("/")) {
                    batch.put(entry.path(), folder().get(entry));
                }
                batch.flush();
            }
            assertThat(grouped.blobs().treeHash()).isEqualTo(single.blobs().treeHash());
            assertThat(grouped.db().treeHash()).isEqualTo(single.db().treeHash());
            assertThat(Mirror.from(folder()).to(grouped).run().isEqual()).isTrue();
            assertThat(Mirror.from(grouped).to(folder()).dryRun(true).run().isEqual())
                    .isTrue();
        }
    }

    @Test
    void blocksOfAnyLengthCopiedFromADriveStayAsTheyAre() {
        try (Drive from = Drive.open(store, "from");
                Drive to = Drive.open(store, "to")) {
            EntryOutput out = from.newOutputStream("/odd");
            for (int length : new int[] {0, 1, 5_000_000, 100, 0, 4_194_304, 70_000}) {
                out.writeBlock(java.nio.ByteBuffer.wrap(Vectors.bytes(length + 1, length)));
            }
            out.close();
            from.put("/small", new byte[10]);
            Mirror.from(from).to(to).run();
            assertThat(to.blobs().treeHash()).isEqualTo(from.blobs().treeHash());
            assertThat(to.get("/odd")).isEqualTo(from.get("/odd"));
        }
    }

    @Test
    void aMirrorThatFailsLeavesNoEntriesAndTheRightToWrite() {
        try (Drive drive = Drive.open(store, "drive")) {
            Mirror failing = Mirror.from(folder()).to(drive).transform((path, in) -> {
                if (path.endsWith("-77")) {
                    throw new IOException("no luck");
                }
                return in;
            });
            assertThatThrownBy(failing::run).hasMessageContaining("no luck");
            assertThat(drive.list("/")).isEmpty();
            drive.put("/a", new byte[3]);
            assertThat(drive.get("/a")).hasSize(3);
            assertThat(Mirror.from(folder()).to(drive).run().added()).isEqualTo(300);
        }
    }

    @Test
    void whatIsRemovedIsToldBeforeWhatIsAdded() throws IOException {
        try (Drive drive = Drive.open(store, "drive")) {
            Mirror.from(folder()).to(drive).run();
            Files.delete(source.resolve("file-99"));
            Files.write(source.resolve("a-new-one"), new byte[5]);
            Files.write(source.resolve("file-5"), new byte[6]);
            List<String> told = new ArrayList<>();
            Mirror.from(folder()).to(drive).run(op -> told.add(op.type() + " " + op.path()));
            assertThat(told).containsExactly("REMOVE /sub/file-99", "ADD /sub/a-new-one", "CHANGE /sub/file-5");
        }
    }

    @Test
    void anIgnoredFolderOfTheSourceIsNotPruned() {
        try (Drive drive = Drive.open(store, "drive")) {
            drive.put("/sub/file-1", new byte[1]).put("/gone", new byte[1]);
            MirrorResult result = Mirror.from(folder())
                    .to(drive)
                    .ignore(path -> path.equals("/sub"))
                    .run();
            assertThat(result.removed()).isEqualTo(1);
            assertThat(drive.exists("/sub/file-1")).isTrue();
        }
    }
}

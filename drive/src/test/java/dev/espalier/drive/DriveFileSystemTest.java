package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriveFileSystemTest {

    private static final byte[] LARGE = Vectors.bytes(11, 300_000);

    @TempDir
    Path temp;

    private LogStore store;
    private Drive drive;
    private FileSystem files;

    @BeforeEach
    void open() {
        store = Stores.open(temp.resolve("store"));
        drive = Drive.open(store, "site");
        drive.put("/readme.md", utf8("hello"))
                .put("/bin/run", ByteBuffer.wrap(utf8("#!")), PutOptions.EXECUTABLE)
                .symlink("/bin/link", "run")
                .symlink("/bin/up", "../readme.md")
                .symlink("/inside", "/deep/a")
                .symlink("/nowhere", "../../gone")
                .put("/deep/a/b/large.bin", LARGE)
                .put("/deep/a/\ud83c\udf50.txt", utf8("pear"))
                .put("/deep/empty", new byte[0]);
        files = drive.checkout(drive.version()).fileSystem();
    }

    @AfterEach
    void close() {
        drive.close();
        store.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path at(String path) {
        return files.getPath(path);
    }

    private static List<String> walk(Path root, FileVisitOption... options) throws IOException {
        try (Stream<Path> all = Files.walk(root, options)) {
            return all.map(path -> {
                        try {
                            String mode = PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
                            boolean link = Files.isSymbolicLink(path);
                            boolean folder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
                            return root.relativize(path) + " "
                                    + (folder
                                            ? "folder"
                                            : link
                                                    ? "-> " + Files.readSymbolicLink(path)
                                                    : mode + " " + Files.size(path) + " "
                                                            + Arrays.hashCode(Files.readAllBytes(path)));
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    })
                    .sorted()
                    .toList();
        }
    }

    @Test
    void walkingTheDriveIsWalkingTheMirroredFolder() throws IOException {
        drive.delete("/inside");
        Path out = temp.resolve("out");
        Mirror.from(drive).to(LocalFolder.of(out).durable(false)).run();
        assertThat(walk(drive.fileSystem().getPath("/"))).isEqualTo(walk(out)).hasSize(13);
    }

    @Test
    void copyingOutOfTheDriveGivesTheMirroredFolder() throws IOException {
        Path copy = temp.resolve("copy");
        try (Stream<Path> all = Files.walk(at("/"))) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path target = copy.resolve(at("/").relativize(path).toString());
                if (Files.isSymbolicLink(path)) {
                    Files.createSymbolicLink(
                            target, Path.of(Files.readSymbolicLink(path).toString()));
                } else {
                    Files.copy(path, target);
                    Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(path));
                }
            }
        }
        assertThat(walk(copy)).isEqualTo(walk(at("/")));
    }

    @Test
    void aChannelReadsAnyPlace() throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(at("/deep/a/b/large.bin"))) {
            assertThat(channel.size()).isEqualTo(LARGE.length);
            for (int place : new int[] {0, 65_535, 65_536, 299_999, 10, 131_072}) {
                ByteBuffer heap = ByteBuffer.allocate(70_000);
                ByteBuffer direct = ByteBuffer.allocateDirect(70_000);
                int expected = Math.min(70_000, LARGE.length - place);
                assertThat(channel.position(place).read(heap)).isEqualTo(expected);
                assertThat(channel.position()).isEqualTo(place + expected);
                assertThat(channel.position(place).read(direct)).isEqualTo(expected);
                assertThat(heap.flip()).isEqualTo(ByteBuffer.wrap(LARGE, place, expected));
                assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(LARGE, place, expected));
            }
            assertThat(channel.position(LARGE.length).read(ByteBuffer.allocate(1)))
                    .isEqualTo(-1);
            assertThat(channel.position(1L << 40).read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        assertThat(Files.mismatch(at("/deep/empty"), at("/readme.md"))).isZero();
        assertThat(Files.readString(at("deep/a/../a/./\ud83c\udf50.txt"))).isEqualTo("pear");
    }

    @Test
    void linksAreFollowedAsOnDisk() throws IOException {
        assertThat(Files.readString(at("/bin/link"))).isEqualTo("#!");
        assertThat(Files.readString(at("/bin/up"))).isEqualTo("hello");
        assertThat(Files.readString(at("/inside/\ud83c\udf50.txt"))).isEqualTo("pear");
        assertThat(at("/inside/../../readme.md").toRealPath()).hasToString("/readme.md");
        assertThat(at("/inside/b").toRealPath()).hasToString("/deep/a/b");
        assertThat(Files.exists(at("/nowhere"))).isFalse();
        assertThat(Files.exists(at("/nowhere"), LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(Files.isSameFile(at("/inside"), at("/deep/a"))).isTrue();
        assertThat(Files.isDirectory(at("/inside"))).isTrue();
        drive.symlink("/x", "y").symlink("/y", "x");
        assertThatThrownBy(() -> Files.readString(drive.fileSystem().getPath("/x")))
                .isInstanceOf(FileSystemLoopException.class);
        drive.delete("/nowhere").symlink("/deep/loop", "..");
        assertThatThrownBy(() -> walk(drive.fileSystem().getPath("/deep"), FileVisitOption.FOLLOW_LINKS))
                .hasRootCauseInstanceOf(FileSystemLoopException.class);
    }

    @Test
    void foldersAreListedAndFilesAreNot() throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(at("/deep"), "{a,x}*")) {
            assertThat(children).extracting(Path::toString).containsExactly("/deep/a");
        }
        try (Stream<Path> children = Files.list(at("bin"))) {
            assertThat(children).extracting(Path::toString).containsExactly("bin/link", "bin/run", "bin/up");
        }
        assertThatThrownBy(() -> Files.list(at("/readme.md"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> Files.list(at("/none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.readString(at("/deep"))).isInstanceOf(FileSystemException.class);
        assertThat(Files.isDirectory(at("/"))).isTrue();
        assertThat(Files.isExecutable(at("/bin/run"))).isTrue();
        assertThat(Files.isExecutable(at("/readme.md"))).isFalse();
        assertThat(Files.isHidden(at("/.x"))).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(at("/bin/run"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(Files.getAttribute(at("/readme.md"), "size")).isEqualTo(5L);
    }

    @Test
    void nothingCanBeWritten() {
        assertThatThrownBy(() -> Files.writeString(at("/new"), "x")).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.delete(at("/readme.md"))).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.createDirectory(at("/d"))).isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> files.provider().checkAccess(at("/readme.md"), java.nio.file.AccessMode.WRITE))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(Files.isWritable(at("/readme.md"))).isFalse();
        assertThat(files.isReadOnly()).isTrue();
    }

    @Test
    void aClosedFileSystemAnswersNoMore() throws IOException {
        files.close();
        assertThatThrownBy(() -> Files.size(at("/readme.md"))).isInstanceOf(ClosedFileSystemException.class);
        assertThat(drive.get("/readme.md")).asString().isEqualTo("hello");
    }

    @Test
    void aBlockThatIsNotHereIsAnIoFailure() {
        try (LogStore away = LogStore.open(temp.resolve("away"));
                Drive reader = Drive.open(away, drive.key())) {
            reader.blockTimeout(Duration.ZERO);
            assertThatThrownBy(() -> Files.readString(reader.fileSystem().getPath("/readme.md")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Nothing of drive");
        }
    }

    @Test
    void pathsAndGlobsAreThoseOfTheDefaultFileSystem() {
        List<String> paths = List.of(
                "/",
                "",
                "a",
                "/a",
                "a/b",
                "/a/b/c",
                "a/../b",
                "/../a",
                "./a",
                "..",
                "a/..",
                "/a/./b/",
                "a.java",
                "x/a.java");
        List<String> globs = List.of(
                "*", "**", "*.java", "**.java", "**/*.{java,class}", "[a-c]", "[!a]", "?", "/a/**", "a\\*", "{a,b}/*");
        FileSystem real = FileSystems.getDefault();
        for (String one : paths) {
            Path ours = at(one);
            Path theirs = real.getPath(one);
            assertThat(ours).as(one).hasToString(theirs.toString());
            assertThat(ours.getNameCount()).as(one).isEqualTo(theirs.getNameCount());
            assertThat(String.valueOf(ours.getParent())).as(one).isEqualTo(String.valueOf(theirs.getParent()));
            assertThat(String.valueOf(ours.getFileName())).as(one).isEqualTo(String.valueOf(theirs.getFileName()));
            assertThat(ours.normalize()).as(one).hasToString(theirs.normalize().toString());
            for (String other : paths) {
                String what = one + " and " + other;
                assertThat(ours.resolve(other))
                        .as(what)
                        .hasToString(theirs.resolve(other).toString());
                assertThat(ours.startsWith(other)).as(what).isEqualTo(theirs.startsWith(other));
                assertThat(ours.endsWith(other)).as(what).isEqualTo(theirs.endsWith(other));
            }
            for (String glob : globs) {
                assertThat(files.getPathMatcher("glob:" + glob).matches(ours))
                        .as(one + " matches " + glob)
                        .isEqualTo(real.getPathMatcher("glob:" + glob).matches(theirs));
            }
        }
        assertThat(at("/a/b").relativize(at("/a/c/d"))).hasToString("../c/d");
        assertThat(at("/a").relativize(at("/a"))).hasToString("");
        assertThat(at("/x y").toUri()).hasToString("espalier-drive:/x%20y?version=" + drive.version());
    }
}

package dev.espalier.drive;

import static dev.espalier.drive.Stores.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class LocalFolderTest {

    @TempDir
    Path temp;

    private Path root;
    private LocalFolder folder;

    @BeforeEach
    void open() {
        root = temp.resolve("root");
        folder = LocalFolder.of(root);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Everything below a folder, as the operating system sees it. */
    private static List<String> onDisk(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(path -> folder.relativize(path).toString())
                    .filter(name -> !name.isEmpty())
                    .sorted()
                    .toList();
        }
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(EspalierException.class)
                .extracting(e -> ((EspalierException) e).code())
                .isEqualTo(code);
    }

    @Test
    void aMissingFolderIsEmptyAndMadeByTheFirstWrite() {
        assertThat(folder.list("/")).isEmpty();
        assertThat(folder.readdir("/")).isEmpty();
        assertThat(folder.entry("/a")).isNull();
        assertThat(folder.get("/a")).isNull();
        folder.delete("/a/b");
        assertThat(root).doesNotExist();
        folder.put("/a/b", utf8("x"));
        assertThat(folder.get("a/b")).asString().isEqualTo("x");
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Files.writeString(root, "x");
        assertCode("ERR_INVALID_INPUT", () -> LocalFolder.of(root));
    }

    @Test
    void listingsAreOrderedByTheBytesOfWholePaths() throws IOException {
        for (String path :
                List.of("x/a", "x.txt", "x0", "x!", "x/b/c", "é", "e\u0301", "Z", "a b", "\ud83d\ude00", "\uffee")) {
            folder.put(path, utf8(path));
        }
        Files.createDirectories(root.resolve("empty/deep"));
        assertThat(paths(folder.list("/")))
                .containsExactly(
                        "/Z",
                        "/a b",
                        "/e\u0301",
                        "/x!",
                        "/x.txt",
                        "/x/a",
                        "/x/b/c",
                        "/x0",
                        "/é",
                        "/\uffee",
                        "/\ud83d\ude00");
        List<String> backwards = new ArrayList<>(paths(folder.list("/")));
        java.util.Collections.reverse(backwards);
        assertThat(paths(folder.list("/", ListOptions.ALL.reversed()))).isEqualTo(backwards);
        assertThat(paths(folder.list("/x"))).containsExactly("/x/a", "/x/b/c");
        assertThat(paths(folder.list("/x/a"))).isEmpty();
        assertThat(paths(folder.list("/", ListOptions.ALL.limit(2)))).containsExactly("/Z", "/a b");
        assertThat(paths(folder.list("/", ListOptions.SHALLOW.ignoring(path -> path.equals("/x/a")))))
                .contains("/x/b/c", "/x0")
                .doesNotContain("/x/a");
        assertThat(folder.readdir("/x")).containsExactly("a", "b");
        assertThat(folder.readdir("/")).contains("x").doesNotContain("empty");
    }

    @Test
    void anIgnoredFolderIsNotEntered() {
        folder.put("/keep", utf8("x"));
        folder.put("/dir/inner/a", utf8("x"));
        List<String> asked = new ArrayList<>();
        ListOptions options = ListOptions.ALL.ignoring(path -> {
            asked.add(path);
            return path.equals("/dir");
        });
        assertThat(paths(folder.list("/", options))).containsExactly("/keep");
        assertThat(asked).containsExactlyInAnyOrder("/keep", "/dir");
    }

    @Test
    void modesFollowTheExecutableBit() throws IOException {
        folder.put("/plain", utf8("x"));
        folder.put("/run", ByteBuffer.wrap(utf8("x")), PutOptions.EXECUTABLE);
        assertThat(folder.entry("/plain").executable()).isFalse();
        assertThat(folder.entry("/run").executable()).isTrue();
        assertThat(Files.isExecutable(root.resolve("run"))).isTrue();
        folder.put("/run", utf8("y"));
        assertThat(folder.entry("/run").executable()).isFalse();
    }

    @Test
    void linksAreEntriesNeverFollowed() throws IOException {
        folder.put("/dir/file", utf8("x"));
        folder.symlink("/relative", "dir/file");
        folder.symlink("/absolute", "/dir/file");
        folder.symlink("/folder", "dir");
        assertThat(folder.entry("/relative").linkname()).isEqualTo("dir/file");
        assertThat(folder.entry("/absolute").linkname()).isEqualTo("/dir/file");
        assertThat(Files.readSymbolicLink(root.resolve("absolute"))).isEqualTo(root.resolve("dir/file"));
        assertThat(paths(folder.list("/"))).containsExactly("/absolute", "/dir/file", "/folder", "/relative");
        assertThat(folder.entry("/folder/file")).isNull();
        assertThat(folder.list("/folder")).isEmpty();
        assertThat(folder.get("/relative")).isNull();
        try (InputStream in = folder.newInputStream("/relative")) {
            assertThat(in.readAllBytes()).isEmpty();
        }
        // A sibling whose name only begins like the root's is outside.
        Files.createSymbolicLink(root.resolve("sibling"), Path.of(root + "bc/d"));
        assertThat(folder.entry("/sibling").linkname()).isEqualTo(root + "bc/d");
        Files.createSymbolicLink(root.resolve("top"), root);
        assertThat(folder.entry("/top").linkname()).isEqualTo("/");
    }

    @Test
    void linkTextsAreKeptAsTheyAre() throws IOException {
        for (String text :
                List.of("a", "../b", "dir/", "./c", ".", "..", "é/ü", "e\u0301/", "a b", "a%20b", "/x/", "/é")) {
            folder.symlink("/link", text);
            assertThat(folder.entry("/link").linkname()).isEqualTo(text);
        }
        assertCode("ERR_INVALID_INPUT", () -> folder.symlink("/link", ""));
        assertCode("ERR_INVALID_INPUT", () -> folder.symlink("/link", "a\0b"));
    }

    @Test
    void aFileReplacesALinkInsteadOfWritingThroughIt() throws IOException {
        Path outside = temp.resolve("outside");
        Files.writeString(outside, "untouched");
        Files.createDirectories(root);
        Files.createSymbolicLink(root.resolve("a"), outside);
        folder.put("/a", utf8("new"));
        assertThat(outside).hasContent("untouched");
        assertThat(Files.isSymbolicLink(root.resolve("a"))).isFalse();
        assertThat(root.resolve("a")).hasContent("new");
        folder.symlink("/a", "b");
        assertThat(Files.isSymbolicLink(root.resolve("a"))).isTrue();
    }

    @Test
    void nothingIsWrittenOrDeletedThroughALinkInAParent() throws IOException {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("victim"), "untouched");
        Files.createDirectories(root);
        Files.createSymbolicLink(root.resolve("dir"), outside);
        folder.delete("/dir/victim");
        assertThat(outside.resolve("victim")).hasContent("untouched");
        assertThat(folder.get("/dir/victim")).isNull();
        folder.put("/dir/victim", utf8("inside"));
        assertThat(outside.resolve("victim")).hasContent("untouched");
        assertThat(onDisk(outside)).containsExactly("victim");
        assertThat(Files.isSymbolicLink(root.resolve("dir"))).isFalse();
        assertThat(root.resolve("dir/victim")).hasContent("inside");
    }

    @Test
    void hostilePathsDoNotLeaveTheFolder() throws IOException {
        Files.createDirectories(root);
        for (String path : List.of("../x", "/../x", "/a/../../x", "..\\x", "/", "", "/a/..")) {
            assertCode("ERR_INVALID_INPUT", () -> folder.put(path, utf8("x")));
            assertCode("ERR_INVALID_INPUT", () -> folder.symlink(path, "x"));
            assertCode("ERR_INVALID_INPUT", () -> folder.delete(path));
        }
        assertCode("ERR_INVALID_INPUT", () -> folder.put("/a\0b", utf8("x")));
        folder.put("/etc/passwd", utf8("x"));
        folder.put("file:///etc/shadow", utf8("x"));
        assertThat(onDisk(temp)).containsExactly("root", "root/etc", "root/etc/passwd", "root/etc/shadow");
    }

    @Test
    void aFileWhereAFolderIsNeededGivesWay() {
        folder.put("/a", utf8("file"));
        folder.put("/a/b/c", utf8("below"));
        assertThat(paths(folder.list("/"))).containsExactly("/a/b/c");
        assertCode("ERR_DIR_NONEMPTY", () -> folder.put("/a", utf8("file")));
        assertThat(folder.get("/a/b/c")).asString().isEqualTo("below");
        folder.delete("/a/b/c");
        assertThat(root).isEmptyDirectory();
        folder.put("/a", utf8("file"));
    }

    @Test
    void foldersWithoutFilesGiveWay() throws IOException {
        Files.createDirectories(root.resolve("a/b/c"));
        folder.put("/a", utf8("file"));
        assertThat(root.resolve("a")).hasContent("file");
    }

    @Test
    void deletingRemovesParentsThatAreLeftEmpty() throws IOException {
        folder.put("/a/b/c/file", utf8("x"));
        folder.put("/a/other", utf8("x"));
        folder.delete("/a/b/c/file");
        assertThat(onDisk(root)).containsExactly("a", "a/other");
        assertCode("ERR_INVALID_INPUT", () -> folder.delete("/a"));
        folder.delete("/a/other");
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFileAppearsWhenItIsCompleteAndNeverWhenItIsAborted() throws IOException {
        folder.put("/a", utf8("old"));
        try (EntryOutput out = folder.newOutputStream("/a")) {
            out.write(utf8("new"));
            assertThat(folder.get("/a")).asString().isEqualTo("old");
            assertThat(paths(folder.list("/"))).containsExactly("/a");
            assertThat(onDisk(root)).hasSize(2);
        }
        assertThat(folder.get("/a")).asString().isEqualTo("new");
        EntryOutput dropped = folder.newOutputStream("/a");
        dropped.write(new byte[100_000]);
        dropped.abort();
        dropped.close();
        assertThat(onDisk(root)).containsExactly("a");
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("broken");
            }
        };
        assertThatThrownBy(() -> folder.put("/a", failing, PutOptions.NONE)).hasMessageContaining("broken");
        assertThat(onDisk(root)).containsExactly("a");
        assertThat(folder.get("/a")).asString().isEqualTo("new");
    }

    @Test
    void anInterruptedWriteIsCancelledAndLeavesNothing() throws IOException {
        folder.put("/a", utf8("old"));
        Thread.currentThread().interrupt();
        try {
            assertCode("ERR_CANCELLED", () -> folder.put("/a", utf8("new")));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(onDisk(root)).containsExactly("a");
        assertThat(folder.get("/a")).asString().isEqualTo("old");
    }

    @Test
    void streamsOfAnySizesGiveTheSameBytes() throws IOException {
        byte[] bytes = Vectors.bytes(7, 200_000);
        folder.put("/whole", new ByteArrayInputStream(bytes), PutOptions.NONE);
        try (EntryOutput out = folder.newOutputStream("/parts")) {
            int step = 1;
            for (int at = 0; at < bytes.length; at += step, step = step * 3 % 70_001 + 1) {
                out.write(bytes, at, Math.min(step, bytes.length - at));
            }
        }
        assertThat(folder.get("/whole")).isEqualTo(bytes);
        assertThat(folder.get("/parts")).isEqualTo(bytes);
    }

    @Test
    void rangesAreCutWhereTheFileEnds() throws IOException {
        folder.put("/a", utf8("0123456789"));
        String[][] cases = {{"3", "4", "3456"}, {"8", "100", "89"}, {"10", "1", ""}, {"99", "1", ""}, {"0", "0", ""}};
        for (String[] one : cases) {
            try (InputStream in = folder.newInputStream("/a", Long.parseLong(one[0]), Long.parseLong(one[1]))) {
                assertThat(in.readAllBytes()).asString().isEqualTo(one[2]);
            }
        }
        assertCode("ERR_NOT_FOUND", () -> folder.newInputStream("/none"));
    }

    @Test
    void namesThatADriveCannotHoldAreNamedOrIgnored() throws IOException {
        Files.createDirectories(root);
        Files.writeString(root.resolve("back\\slash"), "x");
        Files.writeString(root.resolve("good"), "x");
        assertThatThrownBy(() -> paths(folder.list("/"))).hasMessageContaining("back\\slash");
        assertThat(paths(folder.list("/", ListOptions.ALL.ignoring(path -> path.equals("/back\\slash")))))
                .containsExactly("/good");
    }

    @Test
    void namesThatAreNotUtf8AreNamedNotMangled() throws IOException {
        Files.createDirectories(root);
        Path odd = Path.of(java.net.URI.create(root.toUri() + "odd%FFname"));
        Files.writeString(odd, "x");
        assertThatThrownBy(() -> paths(folder.list("/"))).hasMessageContaining("odd%FFname");
    }

    @Test
    void leftoversOfDeadWritersAreHiddenAndSweptByTheNextMirror() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        Files.createDirectories(root.resolve("dir"));
        Path dead = Files.writeString(root.resolve("dir/.espalier-" + process.pid() + "-1.tmp"), "half");
        Path living = Files.writeString(
                root.resolve("dir/.espalier-" + ProcessHandle.current().pid() + "-999999.tmp"), "half");
        assertThat(folder.list("/")).isEmpty();
        LocalFolder source = LocalFolder.of(temp.resolve("source"));
        source.put("/a", utf8("x"));
        Mirror.from(source).to(folder).run();
        assertThat(dead).doesNotExist();
        assertThat(living).exists();
    }

    @Test
    void aMirrorKeepsAbsoluteLinksToTheOutsideAndMovesThoseToTheInside() throws IOException {
        Path from = temp.resolve("source");
        LocalFolder source = LocalFolder.of(from);
        source.put("/dir/file", utf8("x"));
        Files.createSymbolicLink(from.resolve("to file"), from.resolve("dir/file"));
        Files.createSymbolicLink(from.resolve("to folder"), from.resolve("dir"));
        Files.createSymbolicLink(from.resolve("to root"), from);
        Files.createSymbolicLink(from.resolve("outside"), temp.resolve("elsewhere"));
        Mirror.from(source).to(folder).run();
        assertThat(Files.readSymbolicLink(root.resolve("to file"))).isEqualTo(root.resolve("dir/file"));
        assertThat(Files.readSymbolicLink(root.resolve("to folder"))).isEqualTo(root.resolve("dir"));
        assertThat(folder.entry("/to root").linkname()).isEqualTo("/");
        assertThat(root.resolve("to root").toRealPath()).isEqualTo(root.toRealPath());
        assertThat(Files.readSymbolicLink(root.resolve("outside"))).isEqualTo(temp.resolve("elsewhere"));
        assertThat(Mirror.from(source).to(folder).run().isEqual()).isTrue();
    }

    @Test
    void manyFilesAtOnceLeaveNoTemporaryFiles() throws IOException {
        LocalFolder source = LocalFolder.of(temp.resolve("source")).durable(false);
        for (int i = 0; i < 1200; i++) {
            source.put("/d" + i % 7 + "/" + i, utf8("file " + i));
        }
        MirrorResult result = Mirror.from(source).to(folder).run();
        assertThat(result.added()).isEqualTo(1200);
        assertThat(paths(folder.list("/"))).isEqualTo(paths(source.list("/")));
        for (int i = 0; i < 7; i++) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve("d" + i), ".espalier*")) {
                assertThat(files).isEmpty();
            }
        }
        assertThat(Mirror.from(source).to(folder).run().isEqual()).isTrue();
    }
}

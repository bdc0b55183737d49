package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ReleaseCommandsTest {

    @TempDir
    Path folder;

    private Path app;
    private Shell shell;
    private Shell reader;
    private Golden golden;

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(folder);
        reader = shell.store("reader");
        golden = new Golden(folder);
        app = folder.resolve("app");
        write("package.json", "{\"name\":\"hello\",\"version\":\"1.0.0\",\"upgrade\":\"pear://nowhere\"}\n");
        write("index.html", "<p>Hello</p>\n");
        write("docs/read me.txt", "spaces and größe\n");
        write("docs/empty", "");
        byte[] film = new byte[300_000];
        new Random(4).nextBytes(film);
        Files.write(app.resolve("film.bin"), film);
    }

    private void write(String name, String text) throws IOException {
        Path file = app.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Shell.Said type(Shell in, String... arguments) {
        Shell.Said said = in.run(arguments);
        golden.note(said, arguments);
        return said;
    }

    private static void assertWorks(Shell.Said said) {
        assertThat(said.status()).as(said.err() + said.out()).isZero();
    }

    private String touch() {
        return shell.run("touch").out().strip();
    }

    /** Name to kind and content of everything in a folder. */
    private static TreeMap<String, String> tree(Path root) throws IOException {
        TreeMap<String, String> tree = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                String name = root.relativize(file).toString();
                if (Files.isSymbolicLink(file)) {
                    tree.put(name, "link " + Files.readSymbolicLink(file));
                } else if (Files.isRegularFile(file)) {
                    tree.put(
                            name,
                            (Files.isExecutable(file) ? "run " : "file ")
                                    + new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return tree;
    }

    private void assertCopied(Path copy) throws IOException {
        assertThat(tree(copy)).isEqualTo(tree(app));
    }

    private void changeApp() throws IOException {
        write("package.json", "{\"name\":\"hello\",\"version\":\"1.0.1\",\"upgrade\":\"pear://nowhere\"}\n");
        write("docs/news.txt", "new\n");
        Files.delete(app.resolve("index.html"));
    }

    @Test
    void anApplicationIsStagedSeededAndDumped() throws IOException {
        String link = type(shell, "touch").out().strip();
        type(shell, "info", link);
        type(shell, "stage", link, "app", "--dry-run");
        type(shell, "stage", link, "app");
        type(shell, "stage", link, "app");
        type(shell, "info", link);
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json")) {
            String peer = seeder.address();
            type(reader, "info", link, "--peer", peer);
            type(reader, "dump", link, "copy", "--peer", peer);
            assertCopied(folder.resolve("copy"));
            changeApp();
            type(shell, "stage", link, "app");
            type(reader, "dump", link, "copy", "--peer", peer);
            type(reader, "dump", link, "copy", "--peer", peer, "--force", "--dry-run");
            type(reader, "dump", link, "copy", "--peer", peer, "--force");
            assertCopied(folder.resolve("copy"));
            assertThat(seeder.isDone()).isFalse();
        }
        type(reader, "dump", link, "-", "--list");
        type(reader, "dump", link + "/package.json", "-");
        golden.check("release");
    }

    @Test
    void scriptsReadTheSameAsJson() throws IOException {
        String link = type(shell, "touch", "--json").last().get("link").getAsString();
        type(shell, "stage", link, "app", "--dry-run", "--json");
        type(shell, "stage", link, "app", "--json");
        type(shell, "stage", link, "app", "--json");
        changeApp();
        type(shell, "stage", link, "app", "--json");
        type(shell, "info", link, "--json");
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json")) {
            type(reader, "dump", link, "copy", "--peer", seeder.address(), "--json");
        }
        type(reader, "dump", link, "copy", "--json");
        type(reader, "dump", link, "-", "--list", "--json");
        type(reader, "dump", link + "/package.json", "-", "--json");
        golden.check("release-json");
    }

    @Test
    void aSeederTellsItsPeersAndWhatTheyTake() {
        String link = touch();
        shell.run("stage", link, "app");
        Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json", "--stats-interval", "20");
        assertWorks(reader.run("dump", link, "copy", "--peer", seeder.address()));
        seeder.waitForEvent("peer-remove");
        seeder.interrupt();
        Shell.Said said = seeder.end();
        assertThat(said.status()).isEqualTo(130);
        assertThat(said.json().get(0).get("tag").getAsString()).isEqualTo("seeding");
        assertThat(said.events("seeding").get(0).get("link").getAsString()).isEqualTo(link);
        assertThat(said.events("peer-add")).hasSize(1);
        JsonObject last = said.events("stats").get(said.events("stats").size() - 1);
        assertThat(last.get("peers").getAsInt()).isZero();
        assertThat(last.getAsJsonObject("upload").get("totalBytes").getAsLong()).isGreaterThan(300_000);
        assertThat(said.last().get("success").getAsBoolean()).isTrue();
        assertThat(said.last().get("uploadedBytes").getAsLong())
                .isEqualTo(last.getAsJsonObject("upload").get("totalBytes").getAsLong());
    }

    @Test
    void aSeederTellsAPersonTheSame() {
        String link = touch();
        shell.run("stage", link, "app");
        Shell.Running seeder = shell.start("seed", link, "--listen", "0");
        String listening = seeder.waitFor(line -> line.startsWith("listening on "));
        String peer = listening.substring("listening on ".length());
        assertWorks(reader.run("dump", link, "copy", "--peer", peer));
        seeder.waitFor(line -> line.startsWith("o-o peer join "));
        seeder.waitFor(line -> line.startsWith("-_- peer drop "));
        seeder.interrupt();
        assertThat(seeder.end().lines().get(0)).isEqualTo("Seeding " + link);
    }

    @Test
    void aSeederEndsWhenThePeersItWaitsForHoldEverything() {
        String link = touch();
        shell.run("stage", link, "app");
        Shell mirror = shell.store("mirror");
        try (Shell.Running source = shell.start("seed", link, "--listen", "0", "--json");
                Shell.Running again =
                        mirror.start("seed", link, "--peer", source.address(), "--listen", "0", "--json")) {
            // From the side of the third: who the mirror is, and that it comes to hold everything.
            String peer = source.waitForEvent("peer-add").get("key").getAsString();
            Shell.Said said = shell.run("seed", link, "--listen", "0", "--until-sync", peer, "--json");
            assertThat(said.status()).as(said.out()).isZero();
            assertThat(said.events("peer-sync")).hasSize(1);
            assertThat(said.events("peer-sync").get(0).get("key").getAsString()).isEqualTo(peer);
            assertThat(again.isDone()).isFalse();
        }
        assertThat(shell.run("seed", link, "--listen", "0", "--until-sync", "me", "--json")
                        .code())
                .isEqualTo("ERR_INVALID_INPUT");
    }

    @Test
    void aLinkCanBeginWithLettersOfChoice() {
        String link = shell.run("touch", "--vanity", "es").out().strip();
        assertThat(link).startsWith("pear://es");
        assertWorks(shell.run("stage", link, "app"));
        for (String wrong : List.of("l", "A", "0", "es!")) {
            assertThat(shell.run("touch", "--vanity", wrong, "--json").code()).isEqualTo("ERR_INVALID_INPUT");
        }
    }

    @Test
    void aSeederWithAListLetsInOnlyWhoIsOnIt() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        // What the reader's identity is shows at any seeder.
        Shell.Running open = shell.start("seed", link, "--listen", "0", "--json");
        String stranger = folder.resolve("copy").toString();
        assertWorks(reader.run("dump", link, stranger, "--identity", "--peer", open.address()));
        open.waitForEvent("peer-remove");
        open.interrupt();
        String identity = open.end().events("peer-add").get(0).get("key").getAsString();
        Shell.Running closed = shell.start(
                "seed", link, "--listen", "0", "--json", "--allow", identity, "--limit-up", "2M", "--upload-only");
        Shell other = shell.store("other");
        Shell.Said refused = other.run("dump", link, "no", "--peer", closed.address(), "--timeout", "1");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("No peer");
        closed.waitForEvent("peer-refused");
        assertWorks(reader.run("dump", link, "again", "--identity", "--peer", closed.address()));
        closed.interrupt();
        closed.end();
        assertCopied(folder.resolve("again"));
    }

    @Test
    void aReseederServesWhatItFetched() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        Shell mirror = shell.store("mirror");
        Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json");
        try (Shell.Running again = mirror.start(
                "seed", link, "--peer", seeder.address(), "--listen", "0", "--json", "--stats-interval", "20")) {
            again.waitFor(line -> {
                if (!line.contains("\"tag\":\"stats\"")) {
                    return false;
                }
                JsonObject stats =
                        JsonParser.parseString(line).getAsJsonObject().getAsJsonObject("data");
                long total = stats.get("totalBlocks").getAsLong();
                return total > 6 && stats.get("heldBlocks").getAsLong() == total;
            });
            seeder.close();
            assertThat(reader.run("dump", link, "copy", "--peer", again.address())
                            .status())
                    .isZero();
        }
        assertCopied(folder.resolve("copy"));
    }

    @Test
    void aVersionedLinkMeansThatVersion() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        String first =
                shell.run("stage", link, "app", "--json").last().get("verlink").getAsString();
        TreeMap<String, String> before = tree(app);
        changeApp();
        shell.run("stage", link, "app");
        assertWorks(shell.run("dump", first, "first"));
        assertThat(tree(folder.resolve("first"))).isEqualTo(before);
        String length = first.split("\\.")[1];
        assertWorks(shell.run("dump", link, "again", "--checkout", length));
        assertThat(tree(folder.resolve("again"))).isEqualTo(before);
        assertThat(shell.run("dump", first.replace("pear://0.", "pear://1."), "fork", "--json")
                        .code())
                .isEqualTo("ERR_NOT_FOUND");
        assertThat(shell.run("dump", link, "far", "--checkout", "999", "--json").code())
                .isEqualTo("ERR_NOT_FOUND");
        String key = link.substring("pear://".length());
        String hash =
                shell.run("log", "info", key, "--json").last().get("treeHash").getAsString();
        String newest =
                shell.run("log", "info", key, "--json").last().get("length").getAsString();
        assertThat(shell.run("dump", "pear://0." + newest + "." + key + "." + hash, "hashed")
                        .status())
                .isZero();
        assertThat(shell.run("dump", "pear://0." + newest + "." + key + "." + key, "wrong", "--json")
                        .code())
                .isEqualTo("ERR_INVALID_LINK");
    }

    @Test
    void aPathOrAnOnlyListSelectsPartOfALink() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        assertWorks(shell.run("dump", link + "/docs", "docs"));
        assertThat(tree(folder.resolve("docs"))).containsOnlyKeys("docs/read me.txt", "docs/empty");
        assertWorks(shell.run("dump", link + "/docs/read%20me.txt", "file"));
        assertThat(tree(folder.resolve("file"))).containsOnlyKeys("docs/read me.txt");
        Files.createDirectories(folder.resolve("only"));
        Files.writeString(folder.resolve("only/mine"), "stays");
        assertThat(shell.run("dump", link, "only", "--only", "index.html, docs/empty", "--force")
                        .status())
                .isZero();
        assertThat(tree(folder.resolve("only"))).containsOnlyKeys("index.html", "docs/empty", "mine");
        assertWorks(shell.run("dump", link, "only", "--no-prune", "--force"));
        assertThat(folder.resolve("only/mine")).exists();
        assertWorks(shell.run("dump", link, "only", "--force"));
        assertThat(folder.resolve("only/mine")).doesNotExist();
        assertThat(shell.run("dump", link + "/nowhere", "none", "--json").code())
                .isEqualTo("ERR_NOT_FOUND");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAlone() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        Files.createDirectories(folder.resolve("full"));
        Files.writeString(folder.resolve("full/mine"), "stays");
        Shell.Said said = shell.run("dump", link, "full", "--json");
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.code()).isEqualTo("ERR_DIR_NONEMPTY");
        assertThat(tree(folder.resolve("full"))).containsOnlyKeys("mine");
    }

    @Test
    void filesComeOnStandardOutputAsTheyAre() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        byte[] film = Files.readAllBytes(app.resolve("film.bin"));
        assertThat(shell.run("dump", link + "/film.bin", "-").outBytes()).isEqualTo(film);
        StringBuilder pieces = new StringBuilder();
        for (JsonObject piece :
                shell.run("dump", link + "/film.bin", "-", "--json").events("file")) {
            byte[] bytes = Base64.getDecoder().decode(piece.get("value").getAsString());
            assertThat(piece.get("offset").getAsLong()).isEqualTo(pieces.length());
            pieces.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        assertThat(pieces.toString()).isEqualTo(new String(film, StandardCharsets.ISO_8859_1));
    }

    @Test
    void aFolderOfThisMachineIsDumpedLikeALink() throws IOException {
        assertWorks(shell.run("dump", app.toString(), "copy"));
        assertCopied(folder.resolve("copy"));
        assertThat(shell.run("dump", "file://" + app + "/index.html", "-").out())
                .isEqualTo("<p>Hello</p>\n");
    }

    @Test
    void ignoredFilesAreNeitherStagedNorRemoved() throws IOException {
        String link = touch();
        write("package.json", "{\"name\":\"hello\",\"pear\":{\"stage\":{\"ignore\":[\"docs\"]}}}");
        shell.run("stage", link, "app", "--ignore", "*.bin");
        assertThat(listed(link)).containsExactly("/index.html", "/package.json");
        write("package.json", "{\"name\":\"hello\"}");
        shell.run("stage", link, "app");
        assertThat(listed(link)).hasSize(5);
        shell.run("stage", link, "app", "--ignore", "docs,!docs/empty");
        assertThat(listed(link)).hasSize(5);
        Shell.Said dry = shell.run("stage", link, "app", "--ignore", "docs,!docs/empty", "--purge", "--dry-run");
        assertThat(dry.out()).contains("- /docs/read me.txt (-19B)").contains("0 removed");
        assertThat(listed(link)).hasSize(5);
        shell.run("stage", link, "app", "--ignore", "docs,!docs/empty", "--purge");
        assertThat(listed(link)).containsExactly("/docs/empty", "/film.bin", "/index.html", "/package.json");
    }

    @Test
    void aDryRunTellsAPlanThatTheRealRunKeepsTo() throws IOException {
        String link = touch();
        type(shell, "stage", link, "app", "--dry-run");
        String plan = shell.run("stage", link, "app", "-d", "--json")
                .events("plan")
                .get(0)
                .get("hash")
                .getAsString();
        Files.writeString(app.resolve("index.html"), "<p>Hullo</p>\n");
        type(shell, "stage", link, "app", "--plan", plan);
        type(shell, "stage", link, "app", "--plan", plan, "--json");
        Files.writeString(app.resolve("index.html"), "<p>Hello</p>\n");
        type(shell, "stage", link, "app", "--plan", plan);
        type(shell, "stage", link, "app", "--plan", "nonsense");
        golden.check("stage-plan");
    }

    @Test
    void truncatingGoesBackToAVersion() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        changeApp();
        shell.run("stage", link, "app");
        type(shell, "stage", link, "app", "--truncate", "6", "--dry-run");
        type(shell, "stage", link, "app", "--truncate", "7");
        type(shell, "stage", link, "app", "--truncate", "70", "--json");
        type(shell, "stage", link, "app", "--truncate", "6");
        type(shell, "stage", link, "app", "--truncate", "6", "--json");
        golden.check("stage-truncate");
    }

    @Test
    void onlySomeFoldersCanBeStaged() throws IOException {
        String link = touch();
        shell.run("stage", link, "app");
        changeApp();
        Files.delete(app.resolve("docs/empty"));
        shell.run("stage", link, "app", "--only", "docs");
        assertThat(listed(link)).contains("/index.html", "/docs/news.txt").doesNotContain("/docs/empty");
    }

    private List<String> listed(String link) {
        return shell.run("dump", link, "-", "--list").lines();
    }

    @Test
    void withoutAFolderTheNearestProjectUpwardsIsStaged() throws IOException {
        String link = touch();
        Path deep = Files.createDirectories(app.resolve("docs/deep"));
        Shell inside = new Shell(deep)
                .with(StoreFolder.VARIABLE, folder.resolve("store").toString());
        assertWorks(inside.run("stage", link));
        assertThat(listed(link)).contains("/package.json", "/docs/read me.txt");
        Shell.Said named = shell.run("stage", link, "app/docs", "--json");
        assertThat(named.status()).isZero();
        assertThat(named.events("warning").get(0).get("code").getAsString()).isEqualTo("NO_PACKAGE_JSON");
        assertThat(listed(link)).containsExactly("/empty", "/read me.txt");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void linksAndExecutableBitsAreKept() throws IOException {
        String link = touch();
        Files.createSymbolicLink(app.resolve("docs/in"), Path.of("../index.html"));
        Files.createSymbolicLink(app.resolve("nowhere"), Path.of("no/such/file"));
        write("run.sh", "#!/bin/sh\n");
        assertThat(app.resolve("run.sh").toFile().setExecutable(true)).isTrue();
        shell.run("stage", link, "app");
        assertWorks(shell.run("dump", link, "copy"));
        assertCopied(folder.resolve("copy"));
        assertThat(app.resolve("run.sh").toFile().setExecutable(false)).isTrue();
        assertThat(shell.run("stage", link, "app").out()).contains("~ /run.sh (0B, 0B)");
        assertWorks(shell.run("dump", link, "copy", "--force"));
        assertCopied(folder.resolve("copy"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void linksThatLeaveTheFolderAreFollowed() throws IOException {
        String link = touch();
        Path outside = Files.createDirectories(folder.resolve("outside/deep"));
        Files.writeString(outside.resolve("a.txt"), "outside");
        Files.createSymbolicLink(outside.resolve("b"), Path.of("a.txt"));
        Files.createSymbolicLink(app.resolve("file"), outside.resolve("a.txt"));
        Files.createSymbolicLink(app.resolve("tree"), Path.of("../outside"));
        shell.run("stage", link, "app");
        assertWorks(shell.run("dump", link, "copy"));
        TreeMap<String, String> copy = tree(folder.resolve("copy"));
        assertThat(copy)
                .containsEntry("file", "file outside")
                .containsEntry("tree/deep/a.txt", "file outside")
                .containsEntry("tree/deep/b", "link a.txt");
        assertThat(shell.run("stage", link, "app").out()).contains("no changes");
        Files.writeString(outside.resolve("a.txt"), "changed");
        Files.delete(outside.resolve("b"));
        assertThat(shell.run("stage", link, "app").out())
                .contains("~ /file (-7B, +7B)")
                .contains("~ /tree/deep/a.txt (-7B, +7B)")
                .contains("- /tree/deep/b (0B)");
        Files.createSymbolicLink(outside.resolve("circle"), app);
        Files.createSymbolicLink(app.resolve("circle"), folder.resolve("outside"));
        Shell.Said said = shell.run("stage", link, "app", "--json");
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.code()).isEqualTo("ERR_INVALID_INPUT");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void namesCannotPlayTricksOnATerminal() throws IOException {
        String link = touch();
        write("two\nlines", "x");
        write("clear\u001b[2Jscreen", "x");
        Shell.Said staged = shell.onTerminal().run("stage", link, "app");
        assertThat(staged.out())
                .contains("\u001b[32m+\u001b[0m /two\\x0alines (+1B)")
                .contains(" /clear\\x1b[2Jscreen (+1B)");
        assertThat(listed(link)).contains("/two\\x0alines");
        assertThat(shell.run("dump", link, "-", "--list", "--json").events("file"))
                .extracting(file -> file.get("key").getAsString())
                .contains("/two\nlines");
        assertWorks(shell.run("dump", link, "copy"));
        assertCopied(folder.resolve("copy"));
    }

    @Test
    void infoSelectsParts() {
        String link = touch();
        shell.run("stage", link, "app");
        type(shell, "info", link, "--key");
        type(shell, "info", link, "--manifest");
        type(shell, "info", link, "--manifest", "--json");
        type(shell, "info", link, "--metadata", "--json");
        type(shell, "info", link, "--multisig");
        golden.check("info");
        assertThat(shell.run("info").out())
                .contains("version")
                .contains(folder.resolve("store").toString());
    }

    @Test
    void theDemoKeepsWhatItMade() throws IOException {
        Path kept = folder.resolve("kept");
        Shell.Said said = type(shell, "demo", "--keep", "kept");
        golden.check("demo");
        assertThat(said.status()).isZero();
        assertThat(tree(kept.resolve("copy"))).isEqualTo(tree(kept.resolve("app")));
        assertThat(tree(kept.resolve("released"))).isEqualTo(tree(kept.resolve("app")));
        assertThat(folder.resolve("store")).doesNotExist();
        assertThat(shell.run("demo", "--keep", "kept", "--json").code()).isEqualTo("ERR_DIR_NONEMPTY");
        Shell.Said json = shell.run("demo", "--json");
        assertThat(json.events("step")).hasSize(11);
        assertThat(json.last().get("secondFetch").getAsLong())
                .isLessThan(json.last().get("firstFetch").getAsLong());
    }

    @Test
    void theDemoPrintsCommandsThatWork() {
        assertWorks(shell.run("demo", "--keep", "kept"));
        List<String> stage = shell
                .run("demo", "--keep", "again", "--json")
                .events("step")
                .get(2)
                .getAsJsonArray("command")
                .asList()
                .stream()
                .map(e -> e.getAsString())
                .toList();
        assertThat(stage).hasSize(1);
        String[] typed = stage.get(0).split(" ");
        assertThat(typed[0]).isEqualTo("espalier");
        Shell.Said said = shell.run(Arrays.copyOfRange(typed, 1, typed.length));
        assertThat(said.status()).isZero();
        assertThat(said.out()).contains("no changes");
    }
}

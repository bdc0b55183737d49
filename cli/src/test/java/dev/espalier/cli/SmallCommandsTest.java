package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code cores}, {@code gc}, {@code changelog}, {@code drive ls}, {@code data dht}, {@code versions}. */
class SmallCommandsTest {

    private static final String CHANGES = "# Changes\n\n## 1.1.0\n\n- b\n\n## 1.0.0\n\n- a\n\n## 0.9.0\n\n- first\n";

    @TempDir
    Path folder;

    private Shell shell;
    private Shell reader;
    private Golden golden;
    private String link = "";

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(folder);
        reader = shell.store("reader");
        golden = new Golden(folder);
        write("package.json", "{\"name\":\"hello\",\"version\":\"1.1.0\"}\n");
        write("docs/read me.txt", "spaces\n");
        write("docs/deep/er.txt", "deeper\n");
        write("run.sh", "#!/bin/sh\n");
        write("CHANGELOG.md", CHANGES);
        link = shell.run("touch").out().strip();
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve("app").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Shell.Said type(Shell in, String... arguments) {
        Shell.Said said = in.run(arguments);
        golden.note(said, arguments);
        return said;
    }

    private void typeBoth(Shell in, String... arguments) {
        type(in, arguments);
        String[] json = Arrays.copyOf(arguments, arguments.length + 1);
        json[arguments.length] = "--json";
        type(in, json);
    }

    private void stage() {
        assertThat(shell.run("stage", link, "app").status()).isZero();
    }

    @Test
    void logsOfTheStoreAreListed() {
        typeBoth(shell, "cores");
        typeBoth(shell, "cores", "--all-cores");
        golden.check("cores");
        Shell.Said all = shell.run("cores", "--all-cores", "--json");
        assertThat(all.events("core").get(0).get("link").getAsString()).isEqualTo(link);
        assertThat(all.last().toString()).isEqualTo("{\"success\":true,\"count\":1,\"writable\":1}");
        stage();
        // Two stand in the order of their discovery keys, which differs from run to run.
        assertThat(shell.run("cores").lines())
                .contains(link + "  own    6 blocks", "2 logs, 2 of them own")
                .hasSize(3);
        assertThat(shell.run("cores", "--json").events("core")).hasSize(2);
    }

    @Test
    void roomIsMadeWhereOthersHoldTheBlocks() throws IOException {
        stage();
        typeBoth(shell, "gc", "cores", link);
        assertThat(shell.run("dump", link, "-", "--list").status()).isZero();
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json")) {
            String peer = seeder.address();
            assertThat(reader.run("dump", link, "copy", "--peer", peer).status())
                    .isZero();
            type(reader, "gc", "cores", link);
            type(reader, "gc", "cores", link, "--json");
            type(reader, "dump", link, "none");
            assertThat(reader.run("dump", link, "again", "--peer", peer).status())
                    .isZero();
            assertThat(Files.readString(folder.resolve("again/run.sh"))).isEqualTo("#!/bin/sh\n");
        }
        type(reader, "gc", "cores", "pear://36naejz88a9q6uwojb4dr7cb7m174f6yrbak1yg398fmyfx84tro", "--json");
        golden.check("gc");
        assertThat(shell.run("gc", "nothing", link).status()).isEqualTo(2);
    }

    @Test
    void changesAreToldByVersion() throws IOException {
        typeBoth(shell, "changelog", link);
        stage();
        typeBoth(shell, "changelog", link);
        typeBoth(shell, "changelog", link, "--of", "<1.1.0", "-m", "1");
        typeBoth(shell, "changelog", link, "--of", "2.x");
        typeBoth(shell, "changelog", link, "--of", "nonsense");
        typeBoth(shell, "changelog", link, "--full");
        typeBoth(shell, "info", link, "--changelog", "--changelog-max", "1");
        type(shell, "info", link, "--full-changelog", "--key", "--json");
        Files.delete(folder.resolve("app/CHANGELOG.md"));
        stage();
        typeBoth(shell, "changelog", link);
        golden.check("changelog");
        assertThat(shell.run("changelog", "--full").out())
                .startsWith("# Changelog\n")
                .contains("Espalier");
        assertThat(shell.run("changelog", "--max", "0", "--json").code()).isEqualTo("ERR_INVALID_INPUT");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void foldersOfADriveAreListed() throws IOException {
        Files.createSymbolicLink(folder.resolve("app/docs/in"), Path.of("../run.sh"));
        assertThat(folder.resolve("app/run.sh").toFile().setExecutable(true)).isTrue();
        typeBoth(shell, "drive", "ls", link);
        stage();
        typeBoth(shell, "drive", "ls", link);
        typeBoth(shell, "drive", "ls", link, "/docs", "--recursive");
        type(shell, "drive", "ls", link + "/docs", "read me.txt");
        type(shell, "drive", "ls", link, "docs/", "--checkout", "3");
        typeBoth(shell, "drive", "ls", link, "/nowhere");
        type(shell, "drive", "ls", link, "../..", "--json");
        golden.check("drive-ls");
    }

    @Test
    void theyWorkThroughWhoHoldsTheStore() {
        stage();
        try (Shell.Running seeder = shell.start("seed", link, "--listen", "0", "--json")) {
            Shell.Said there = reader.run("drive", "ls", link, "--peer", seeder.address());
            assertThat(there.out())
                    .isEqualTo(shell.run("drive", "ls", link).out())
                    .contains("/run.sh");
            assertThat(shell.run("cores").lines()).hasSize(3);
            assertThat(shell.run("changelog", link).out()).contains("## 1.1.0");
            assertThat(shell.run("gc", "cores", link).out()).contains("Skipped");
        }
    }

    @Test
    void whatIsNotThereYetIsSaid() {
        typeBoth(shell, "data", "dht");
        golden.check("data-dht");
    }

    @Test
    void versionsAreThoseOfTheBuild() {
        Shell.Said said = shell.run("versions", "--json");
        assertThat(said.last().getAsJsonObject("libraries").get("netty").getAsString())
                .matches("[0-9]+\\.[0-9]+.*");
        assertThat(said.last().get("modules").isJsonNull()).isTrue();
        assertThat(shell.run("versions", "-m").lines()).anyMatch(line -> line.matches("core-log +[0-9]+\\..*"));
        assertThat(shell.run("versions").lines()).anyMatch(line -> line.startsWith("java  "));
    }
}

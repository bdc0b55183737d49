package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvisionCommandTest {

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;

    @BeforeEach
    void open() throws IOException {
        shell = new Shell(folder);
        golden = new Golden(folder);
        write("1.0.0", "first");
    }

    private void write(String version, String text) throws IOException {
        Path app = folder.resolve("app");
        Files.createDirectories(app.resolve("by-arch/linux-x64/app"));
        Files.writeString(app.resolve("package.json"), "{\"name\":\"hello\",\"version\":\"" + version + "\"}\n");
        Files.writeString(app.resolve("by-arch/linux-x64/app/hello"), text + "\n");
        Files.writeString(app.resolve("notes " + version), text);
    }

    private Shell.Said type(String... arguments) {
        Shell.Said said = shell.run(arguments);
        golden.note(said, arguments);
        return said;
    }

    private String touch() {
        return shell.run("touch").out().strip();
    }

    private String stage(String link) {
        return shell.run("stage", link, "app", "--json").last().get("verlink").getAsString();
    }

    private static String zero(String link) {
        return link.replace("pear://", "pear://0.0.");
    }

    private void play(String... flags) throws IOException {
        String stage = touch();
        String target = touch();
        String production = touch();
        String first = stage(stage);
        provision(flags, first, target, zero(target), "--dry-run");
        provision(flags, first, target, zero(target), "--cooldown", "0.001");
        provision(flags, first, target, zero(target));

        shell.run("provision", first, production, zero(production), "--cooldown", "0");
        String out =
                shell.run("info", production, "--json").last().get("verlink").getAsString();
        Files.delete(folder.resolve("app/notes 1.0.0"));
        write("1.1.0", "second");
        String second = stage(stage);
        String next = touch();
        provision(flags, second, next, out, "--cooldown", "0.001");
        provision(flags, second, next, zero(production), "--cooldown", "0");
        provision(flags, second, target, out, "--cooldown", "0");
        write("1.2.0-rc.1", "third");
        provision(flags, stage(stage), next, out);
        provision(flags, stage, next, out);
        provision(flags, second, next, production);
        provision(flags, second, "pear://" + "y".repeat(52), out);
    }

    private void provision(String[] flags, String... rest) {
        type(Stream.concat(Stream.of("provision"), Stream.concat(Arrays.stream(rest), Arrays.stream(flags)))
                .toArray(String[]::new));
    }

    @Test
    void aPersonSeesTheDifferenceThenTheHashes() throws IOException {
        play();
        golden.check("provision");
    }

    @Test
    void aScriptReadsTheSame() throws IOException {
        play("--json");
        golden.check("provision-json");
    }

    @Test
    void ctrlCInTheCooldownLeavesTheTargetAsItIs() {
        String target = touch();
        Shell.Running running = shell.start("provision", stage(touch()), target, zero(target), "--json");
        running.waitForEvent("cooldown");
        running.interrupt();
        Shell.Said said = running.end();
        assertThat(said.status()).isEqualTo(130);
        assertThat(said.code()).isEqualTo("ERR_INTERRUPTED");
        JsonObject state = shell.run("info", target, "--json").last();
        assertThat(state.get("length").getAsLong()).isZero();
    }

    @Test
    void aTargetIsProvisionedWhileItIsBeingSeeded() throws IOException {
        String source = touch();
        String target = touch();
        String staged = stage(source);
        Shell reader = shell.store("reader");
        try (Shell.Running seeder = shell.start("seed", target, "--listen", "0", "--json")) {
            String peer = seeder.address();
            Shell.Said said = shell.run("provision", staged, target, zero(target), "--cooldown", "0", "--json");
            assertThat(said.status()).as(said.out()).isZero();
            Shell.Said dumped = reader.run("dump", target, "copy", "--peer", peer);
            assertThat(dumped.status()).as(dumped.err()).isZero();
        }
        assertThat(Files.readString(folder.resolve("copy/by-arch/linux-x64/app/hello")))
                .isEqualTo("first\n");
    }
}

package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backup, recovery, export and import. */
class CareCommandsTest {

    @TempDir
    Path folder;

    private Shell shell;
    private Golden golden;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        golden = new Golden(folder);
        shell.run("log", "create", "events");
        shell.input("one\ntwo\nthree\n").run("log", "append", "events", "--lines");
    }

    private Shell.Said type(Shell in, String json, String... arguments) {
        String[] typed = arguments;
        if (!json.isEmpty()) {
            typed = Arrays.copyOf(arguments, arguments.length + 1);
            typed[arguments.length] = json;
        }
        Shell.Said said = in.run(typed);
        golden.note(said, typed);
        return said;
    }

    private String key() {
        return shell.run("log", "info", "events", "--json").last().get("key").getAsString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void aRestoredStoreGoesOnWhereTheOriginalStopped(String json) {
        String key = key();
        type(shell, json, "backup", "copy");
        type(shell, json, "backup", "copy");
        shell.input("four\n").run("log", "append", "events", "--lines");
        Shell reader = shell.store("reader");
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            reader.run("log", "fetch", key, "--peer", server.address());
        }
        // The original is lost.
        Shell copy = shell.store("copy");
        type(copy, json, "log", "info", "events");
        type(copy.input("five\n"), json, "log", "append", "events", "--lines");
        type(copy, json, "recover");
        try (Shell.Running server = reader.start("log", "serve", "--listen", "0", "--json")) {
            type(copy, json, "recover", "--peer", server.address());
        }
        type(copy, json, "recover", "events");
        type(copy.input("five\n"), json, "log", "append", "events", "--lines");
        golden.check(json.isEmpty() ? "backup" : "backup-json");
        try (Shell.Running server = copy.start("log", "serve", "--listen", "0", "--json")) {
            reader.run("log", "fetch", key, "--peer", server.address());
        }
        assertThat(reader.run("log", "cat", key).out()).isEqualTo("onetwothreefourfive");
        assertThat(reader.run("log", "info", key, "--json")
                        .last()
                        .get("conflict")
                        .isJsonNull())
                .isTrue();
    }

    @Test
    void aPeerThatKnowsLessThanTheCopyEndsNoHold() {
        String key = key();
        Shell reader = shell.store("reader");
        try (Shell.Running server = shell.start("log", "serve", "--listen", "0", "--json")) {
            reader.run("log", "fetch", key, "--peer", server.address());
        }
        shell.input("four\n").run("log", "append", "events", "--lines");
        shell.run("backup", "copy");
        Shell copy = shell.store("copy");
        // It serves only, or it could learn of the fourth block from the copy itself before the copy asks.
        try (Shell.Running server = reader.start("log", "serve", "--upload-only", "--listen", "0", "--json")) {
            assertThat(copy.run("recover", "--peer", server.address(), "--json").code())
                    .isEqualTo("ERR_RESTORED");
        }
        assertThat(copy.run("recover", "--force").out()).contains("1 log can be written on");
        assertThat(copy.input("five\n")
                        .run("log", "append", "events", "--lines")
                        .status())
                .isZero();
    }

    @Test
    void aBackupIsMadeWhileAnotherCommandHoldsTheStore() {
        try (Shell.Running holder = shell.start("log", "serve", "--listen", "0", "--json")) {
            holder.waitForEvent("serving");
            assertThat(shell.run("backup", "copy").status()).isZero();
            assertThat(holder.isDone()).isFalse();
        }
        assertThat(shell.store("copy").run("log", "cat", "events").out()).isEqualTo("onetwothree");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void aLogIsCarriedInAFile(String json) throws Exception {
        String key = key();
        type(shell, json, "log", "export", "events", "events.log");
        type(shell, json, "log", "export", "nosuch", "nosuch.log");
        type(shell, json, "log", "import", "events.log");
        Shell other = shell.store("other");
        type(other, json, "log", "import", "events.log");
        type(other, json, "log", "cat", key);
        byte[] bytes = Files.readAllBytes(folder.resolve("events.log"));
        bytes[bytes.length - 3] ^= 1; // in block 2
        Files.write(folder.resolve("changed.log"), bytes);
        Shell third = shell.store("third");
        third.run("log", "create", "mine");
        type(third, json, "log", "import", "changed.log");
        type(third, json, "log", "import", "nosuch.log");
        assertThat(third.run("log", "list").lines()).hasSize(1);
        golden.check(json.isEmpty() ? "log-export" : "log-export-json");
    }
}

package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.release.Progress;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {

    @TempDir
    Path folder;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
    }

    @TestFactory
    Stream<DynamicTest> everyCommandHasHelpWithExamples() {
        return leaves("", Commands.line(new GlobalOptions(), command -> 0, Commands.NAME, Terminal.none(folder)))
                .map(name -> DynamicTest.dynamicTest("espalier " + name, () -> {
                    List<String> help = new ArrayList<>(List.of("help"));
                    help.addAll(List.of(name.split(" ")));
                    Shell.Said said = shell.run(help.toArray(String[]::new));
                    assertThat(said.status()).isZero();
                    assertThat(said.out())
                            .startsWith("Usage: espalier " + name)
                            .contains("Examples:\n  ")
                            .contains("espalier " + name + (name.equals("completion") ? " bash" : ""));
                    List<String> flag = new ArrayList<>(List.of(name.split(" ")));
                    flag.add("--help");
                    assertThat(shell.run(flag.toArray(String[]::new)).out()).isEqualTo(said.out());
                }));
    }

    private static Stream<String> leaves(String prefix, CommandLine line) {
        // A command stands there once for each of its names.
        return line.getSubcommands().entrySet().stream()
                .filter(sub -> sub.getKey().equals(sub.getValue().getCommandName()))
                .flatMap(sub -> {
                    Map<String, CommandLine> below = sub.getValue().getSubcommands();
                    String name = prefix + sub.getValue().getCommandName();
                    return below.isEmpty() ? Stream.of(name) : leaves(name + " ", sub.getValue());
                });
    }

    @Test
    void theHelpIsAsItWasRead() {
        Golden golden = new Golden(folder);
        golden.note(shell.run("--help"), "--help");
        for (String name : List.of(
                "touch", "stage", "provision", "seed", "dump", "info", "demo", "log", "multisig", "data multisig")) {
            List<String> typed = new ArrayList<>(List.of("help"));
            typed.addAll(List.of(name.split(" ")));
            golden.note(shell.run(typed.toArray(String[]::new)), typed.toArray(String[]::new));
        }
        golden.check("help");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "nonsense",
                "stag",
                "touch extra",
                "touch --nonsense",
                "log",
                "log nonsense",
                "log get events",
                "log get events first",
                "log append events --durability some",
                "help nonsense",
                "completion fish",
                "seed",
                "dump pear://x --peer",
                "dump pear://x d --peer localhost",
                "dump pear://x d --peer localhost:0",
                "dump pear://x d --peer localhost:65536",
                "seed pear://x --listen here",
                "seed pear://x --listen -1",
                "log list -L many",
            })
    void wrongUsageEndsWithStatusTwo(String typed) {
        Shell.Said said = shell.run(typed.isEmpty() ? new String[0] : typed.split(" "));
        assertThat(said.status()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).isNotEmpty().doesNotContain("Exception");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void wrongUsageIsToldToScripts() {
        Shell.Said said = shell.run("log", "get", "events", "--json");
        assertThat(said.status()).isEqualTo(2);
        assertThat(said.code()).isEqualTo("ERR_INVALID_INPUT");
        assertThat(said.last().get("success").getAsBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void completionKnowsCommandsAndOptions(String name) {
        assertThat(shell.run("completion", name).out())
                .contains("complete -F")
                .contains("touch set build stage ")
                .contains(" multisig ")
                .contains("--durability");
    }

    @Test
    void globalOptionsStandBeforeOrAfterTheCommand() {
        Path store = folder.resolve("elsewhere");
        assertThat(shell.run("--storage", "elsewhere", "--json", "touch")
                        .last()
                        .get("link")
                        .getAsString())
                .startsWith("pear://");
        assertThat(store).exists();
        assertThat(shell.run("log", "list", "--json", "--storage", store.toString())
                        .events("log"))
                .hasSize(1);
    }

    @Test
    void aVerboseFailureShowsTheStackTraceOnStandardError() {
        shell.run("touch");
        assertThat(shell.run("log", "info", "nosuch").err()).doesNotContain("\tat ");
        assertThat(shell.run("log", "info", "nosuch", "-v").err()).contains("\tat ");
        Shell.Said json = shell.run("log", "info", "nosuch", "-v", "--json");
        assertThat(json.err()).contains("\tat ");
        assertThat(json.json()).hasSize(2);
    }

    @Test
    void theStoreIsWhereThePlatformKeepsData() {
        assertThat(StoreFolder.platform("Linux", "/home/me", Map.of())).hasToString("/home/me/.local/share/espalier");
        assertThat(StoreFolder.platform("Linux", "/home/me", Map.of("XDG_DATA_HOME", "/data")))
                .hasToString("/data/espalier");
        assertThat(StoreFolder.platform("Linux", "/home/me", Map.of("XDG_DATA_HOME", "relative")))
                .hasToString("/home/me/.local/share/espalier");
        assertThat(StoreFolder.platform("Mac OS X", "/Users/me", Map.of()))
                .hasToString("/Users/me/Library/Application Support/espalier");
        assertThat(StoreFolder.platform("Windows 11", "/me", Map.of("LOCALAPPDATA", "/me/local")))
                .hasToString("/me/local/espalier");
        assertThat(StoreFolder.platform("Windows 11", "/me", Map.of())).hasToString("/me/AppData/Local/espalier");
    }

    @ParameterizedTest
    @CsvSource({
        "'', error",
        "-L 0, off",
        "-L2, info",
        "--log-level=3, trace",
        "log --log-level 2, info",
        "-L 9, error",
        "-- -L 3, error",
        "-L, error"
    })
    void theLogLevelIsKnownBeforeAnythingLogs(String typed, String level) {
        assertThat(Main.logLevel(List.of(typed.split(" ")))).isEqualTo(level);
    }

    @Test
    void anInterruptedInputEndsTheCommand() throws Exception {
        shell.run("log", "create", "events");
        try (PipedOutputStream typing = new PipedOutputStream()) {
            Shell.Running append = shell.input(new PipedInputStream(typing))
                    .start("log", "append", "events", "--lines", "--batch", "1", "--json");
            typing.write("one\n".getBytes(StandardCharsets.UTF_8));
            typing.flush();
            append.waitForEvent("appended");
            append.interrupt();
            assertThat(append.end().status()).isEqualTo(130);
        }
        assertThat(shell.run("log", "cat", "events").out()).isEqualTo("one");
    }

    @Test
    void theBarSaysHowMuchIsDone() {
        assertThat(ProgressBar.text(new Progress("fetching", 1, 4, false)))
                .isEqualTo("fetching [######..................] 25% 1/4");
        assertThat(ProgressBar.text(new Progress("reading", 2_500_000, -1, true)))
                .isEqualTo("reading 2.5MB");
    }
}

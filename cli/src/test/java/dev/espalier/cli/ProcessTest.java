package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands in processes of their own, which can be interrupted and killed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTest {

    private static final int SIGINT = 2;

    @TempDir
    Path folder;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(folder);
        shell.run("log", "create", "events");
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (interruptsAreIgnored()) {
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put(StoreFolder.VARIABLE, folder.resolve("store").toString());
        builder.redirectError(folder.resolve("errors.txt").toFile());
        return builder.start();
    }

    /** A build in the background of a shell ignores Ctrl-C, and so would every process that it starts. */
    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).trim(), 16))
                    .anyMatch(signals -> (signals & 1 << SIGINT - 1) != 0);
        }
    }

    private static String waitFor(BufferedReader out, String tag) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Schemas.check(line);
            if (line.contains("\"tag\":\"" + tag + "\"")) {
                return line;
            }
        }
        throw new AssertionError("the process never said " + tag);
    }

    private static JsonObject data(String line) {
        return JsonParser.parseString(line).getAsJsonObject().getAsJsonObject("data");
    }

    private static int end(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void anAcknowledgedLengthSurvivesTheEndOfTheProcess() throws Exception {
        Random random = new Random(20);
        byte[] block = new byte[1000];
        long acknowledged = 0;
        for (int round = 0; round < 20; round++) {
            Process append = start("log", "append", "events", "--block-size", "1000", "--batch", "3", "--json");
            try (OutputStream in = append.getOutputStream();
                    BufferedReader out = append.inputReader(StandardCharsets.UTF_8)) {
                Thread typing = new Thread(() -> {
                    try {
                        while (true) {
                            in.write(block);
                        }
                    } catch (IOException e) {
                        // The process is gone, as it should.
                    }
                });
                typing.start();
                acknowledged = data(waitFor(out, "appended")).get("length").getAsLong();
                for (int lines = random.nextInt(200); lines > 0; lines--) {
                    acknowledged = data(waitFor(out, "appended")).get("length").getAsLong();
                }
                append.destroyForcibly();
                end(append);
                typing.join();
            } catch (IOException e) {
                // Closing the input of a killed process.
            }
            JsonObject info = shell.run("log", "info", "events", "--json").last();
            assertThat(info.get("length").getAsLong()).as("round %d", round).isGreaterThanOrEqualTo(acknowledged);
            assertThat(info.get("byteLength").getAsLong())
                    .isEqualTo(1000 * info.get("length").getAsLong());
        }
        assertThat(shell.run("log", "audit", "events").status()).isZero();
    }

    @Test
    void theStoreIsFreeAfterItsHolderWasKilled() throws Exception {
        Process holder = start("log", "serve", "--listen", "0", "--json");
        try (BufferedReader out = holder.inputReader(StandardCharsets.UTF_8)) {
            waitFor(out, "serving");
            Shell.Running guest = shell.start(
                    "log",
                    "fetch",
                    "q9sopzoqgas9usoiq7uzkkwngm5pzj4zo3n4esjwwbmw6offis8o",
                    "--listen",
                    "0",
                    "--timeout",
                    "0",
                    "--json");
            guest.waitForEvent("listening");
            holder.destroyForcibly();
            end(holder);
            Shell.Said said = guest.end();
            assertThat(said.status()).isEqualTo(1);
            assertThat(said.code()).isEqualTo("ERR_HOLDER_ENDED");
            assertThat(said.out()).contains("Process " + holder.pid());
            assertThat(folder.resolve("store/holder/socket")).exists();
        }
        assertThat(shell.run("log", "list").status()).isZero();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void twoProcessesWorkOnOneStore() throws Exception {
        Process holder = start("log", "serve", "--listen", "0", "--json");
        try (BufferedReader out = holder.inputReader(StandardCharsets.UTF_8)) {
            waitFor(out, "serving");
            Process append = start("log", "append", "events", "--lines");
            try (OutputStream in = append.getOutputStream()) {
                in.write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
            }
            assertThat(end(append)).isZero();
            assertThat(shell.run("log", "cat", "events").out()).isEqualTo("onetwo");
            assertThat(end(new ProcessBuilder("kill", "-TERM", Long.toString(holder.pid())).start()))
                    .isZero();
            waitFor(out, "final");
            end(holder);
        }
        assertThat(shell.run("log", "cat", "events").out()).isEqualTo("onetwo");
        assertThat(Files.readString(folder.resolve("errors.txt"))).isEmpty();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCEndsAServerInOrder() throws Exception {
        Process holder = start("log", "serve", "--listen", "0", "--json");
        try (BufferedReader out = holder.inputReader(StandardCharsets.UTF_8)) {
            waitFor(out, "serving");
            assertThat(end(new ProcessBuilder("kill", "-INT", Long.toString(holder.pid())).start()))
                    .isZero();
            assertThat(data(waitFor(out, "final")).get("success").getAsBoolean())
                    .isTrue();
            assertThat(end(holder)).isEqualTo(130);
        }
        assertThat(folder.resolve("store/holder/socket")).doesNotExist();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ctrlCEndsACommandThatWaitsForInput() throws Exception {
        Process append = start("log", "append", "events", "--lines", "--batch", "1", "--json");
        try (OutputStream in = append.getOutputStream();
                BufferedReader out = append.inputReader(StandardCharsets.UTF_8)) {
            in.write("one\n".getBytes(StandardCharsets.UTF_8));
            in.flush();
            waitFor(out, "appended");
            assertThat(end(new ProcessBuilder("kill", "-INT", Long.toString(append.pid())).start()))
                    .isZero();
            assertThat(data(waitFor(out, "error")).get("code").getAsString()).isEqualTo("ERR_INTERRUPTED");
            assertThat(end(append)).isEqualTo(130);
        }
        assertThat(shell.run("log", "cat", "events").out()).isEqualTo("one");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void outputThatNobodyReadsEndsTheCommandInSilence() throws Exception {
        shell.input("x".repeat(5_000_000)).run("log", "append", "events");
        Process cat = start("log", "cat", "events", "--json");
        cat.getInputStream().read();
        cat.getInputStream().close();
        assertThat(end(cat)).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("errors.txt"))).isEmpty();
    }
}

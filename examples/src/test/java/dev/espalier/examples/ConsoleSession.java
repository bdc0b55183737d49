package dev.espalier.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A shell in an empty folder in which {@code ./espalier} is the command as it was just compiled, and which runs the {@code
 * console} blocks of a document one after the other.
 *
 * <p>Lines that begin with {@code $ } are commands, those that follow are what it must print, as {@link OutputPattern}
 * says. A command must succeed, unless a code ({@code ERR_...}) is shown. {@code seed} and {@code log serve} go on beside the
 * later commands until the session ends. The port that documents use is replaced by a free one.
 */
final class ConsoleSession implements AutoCloseable {

    private static final String PROMPT = "$ ";
    private static final String DOCUMENTED_PORT = "49737";
    private static final String DONE = "@@done ";
    private static final long PATIENCE_SECONDS = 120;

    /** Halves the time of commands that do little, and scrypt takes hardly longer. */
    private static final String QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private final Path folder;
    private final String port;
    private final Process shell;
    private final BufferedWriter input;
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final List<Background> background = new ArrayList<>();

    /** A command that goes on. */
    private record Background(long pid, Path output) {

        /** What it wrote so far; it may be about to make the file. */
        List<String> lines() throws IOException {
            return Files.exists(output)
                    ? new String(Files.readAllBytes(output), StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                    : List.of();
        }
    }

    ConsoleSession(Path folder) throws IOException {
        this.folder = folder;
        this.port = freePort();
        writeLauncher();
        ProcessBuilder builder =
                new ProcessBuilder("sh").directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("ESPALIER_STORAGE", folder.resolve(".espalier").toString());
        environment.put("LC_ALL", "C.UTF-8");
        environment.remove("JDK_JAVA_OPTIONS");
        environment.remove("JAVA_TOOL_OPTIONS");
        shell = builder.start();
        input = shell.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readOutput, "console output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Runs the commands of a block. */
    void run(String document, FencedBlock block) throws IOException, InterruptedException {
        List<String> lines = block.lines();
        assertThat(lines)
                .as("%s:%s: a console block begins with a command", document, block.line())
                .first()
                .asString()
                .startsWith(PROMPT);
        for (int i = 0; i < lines.size(); ) {
            String command = lines.get(i).substring(PROMPT.length()).replace(DOCUMENTED_PORT, port);
            int line = block.line() + ++i;
            List<String> shown = new ArrayList<>();
            while (i < lines.size() && !lines.get(i).startsWith(PROMPT)) {
                shown.add(lines.get(i++).replace(DOCUMENTED_PORT, port));
            }
            String where = document + ":" + line + ": " + command;
            if (command.startsWith("./espalier seed ") || command.startsWith("./espalier log serve")) {
                start(where, command, shown);
            } else {
                runToEnd(where, command, shown);
            }
        }
    }

    private void runToEnd(String where, String command, List<String> shown) throws IOException, InterruptedException {
        // The braces keep variables in this shell; commands must not read what comes after them.
        send("{ " + command + "\n} </dev/null 2>&1; ended=$?; echo; echo \"" + DONE + "$ended\"");
        List<String> actual = new ArrayList<>();
        String last = nextLine(where, actual);
        while (!last.startsWith(DONE)) {
            actual.add(last);
            last = nextLine(where, actual);
        }
        // The empty line is ours: it ends output that does not end with a line feed.
        if (!actual.isEmpty() && actual.get(actual.size() - 1).isEmpty()) {
            actual.remove(actual.size() - 1);
        }
        if (!new OutputPattern(shown).matches(actual)) {
            assertThat(String.join("\n", actual)).as(where).isEqualTo(String.join("\n", shown));
        }
        boolean failureShown = shown.stream().anyMatch(line -> line.contains("ERR_"));
        assertThat(last.equals(DONE + "0"))
                .as("%s%nwhether it succeeded (%s): %s", where, last, actual)
                .isEqualTo(!failureShown);
    }

    private void start(String where, String command, List<String> shown) throws IOException, InterruptedException {
        Path file = folder.resolve(".output-" + background.size());
        send(command + " </dev/null >" + file.getFileName() + " 2>&1 & echo $!");
        Background started = new Background(Long.parseLong(nextLine(where, List.of())), file);
        background.add(started);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!new OutputPattern(shown).matchesBeginOf(started.lines())) {
            boolean ended = ProcessHandle.of(started.pid).isEmpty();
            if (ended || System.nanoTime() > deadline) {
                assertThat(String.join("\n", started.lines())).as(where).isEqualTo(String.join("\n", shown));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void send(String text) throws IOException {
        input.write(text);
        input.newLine();
        input.flush();
    }

    private String nextLine(String where, List<String> soFar) throws InterruptedException {
        String line = output.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            return fail(where + "\nnothing more after " + PATIENCE_SECONDS + " s; so far: " + soFar);
        }
        return line;
    }

    private void readOutput() {
        try (BufferedReader reader = shell.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeLauncher() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path launcher = folder.resolve("espalier");
        Files.writeString(
                launcher,
                "#!/bin/sh\nexec '" + java + "' " + QUICK_START + " -cp '" + System.getProperty("java.class.path")
                        + "' dev.espalier.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    /** Ends what goes on, and the shell. */
    @Override
    public void close() throws IOException, InterruptedException {
        for (Background each : background) {
            send("kill " + each.pid + "; wait " + each.pid);
        }
        send("exit");
        boolean ended = shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        shell.descendants().forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
        assertThat(ended).as("the seeders end when they are told to").isTrue();
    }
}

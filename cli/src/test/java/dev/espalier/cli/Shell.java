package dev.espalier.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Types commands and reads what they say, in this process. What they say to a script is held to its schema. */
final class Shell {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();
    private InputStream input = InputStream.nullInputStream();
    private boolean terminal;
    private @Nullable List<String> answers;

    /** In this folder, with the store {@code store} in it. */
    Shell(Path folder) {
        this.folder = folder;
        environment.put(StoreFolder.VARIABLE, folder.resolve("store").toString());
        environment.put("HOME", folder.resolve("home").toString());
    }

    /** The same with another store in the folder. */
    Shell store(String name) {
        Shell shell = new Shell(folder);
        shell.environment.put(StoreFolder.VARIABLE, folder.resolve(name).toString());
        return shell;
    }

    /** The same with this on standard input. */
    Shell input(String text) {
        return input(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The same with this on standard input. */
    Shell input(InputStream stream) {
        Shell shell = copy();
        shell.input = stream;
        return shell;
    }

    /** The same with a person looking at output and errors. */
    Shell onTerminal() {
        Shell shell = copy();
        shell.terminal = true;
        return shell;
    }

    /** The same with an environment variable. */
    Shell with(String name, String value) {
        Shell shell = copy();
        shell.environment.put(name, value);
        return shell;
    }

    /** The same with a person who types these lines, one for each question. */
    Shell typing(String... answers) {
        Shell shell = copy();
        shell.answers = List.of(answers);
        return shell;
    }

    /** What a command said, and its exit status. */
    record Said(int status, byte[] outBytes, String err) {

        String out() {
            return new String(outBytes, StandardCharsets.UTF_8);
        }

        List<String> lines() {
            return out().lines().toList();
        }

        List<JsonObject> json() {
            return out().lines()
                    .map(line -> JsonParser.parseString(line).getAsJsonObject())
                    .toList();
        }

        /** Data of the events with this tag. */
        List<JsonObject> events(String tag) {
            return json().stream()
                    .filter(line -> line.get("tag").getAsString().equals(tag))
                    .map(line -> line.getAsJsonObject("data"))
                    .toList();
        }

        /** Data of the last line. */
        JsonObject last() {
            List<JsonObject> all = json();
            return all.get(all.size() - 1).getAsJsonObject("data");
        }

        /** The code of the failure. */
        String code() {
            return events("error").get(0).get("code").getAsString();
        }
    }

    /** Runs it to its end. */
    Said run(String... arguments) {
        return start(arguments).end();
    }

    /** Runs it on a thread of its own. */
    Running start(String... arguments) {
        return new Running(arguments);
    }

    private Shell copy() {
        Shell shell = new Shell(folder);
        shell.environment.putAll(environment);
        shell.input = input;
        shell.terminal = terminal;
        shell.answers = answers;
        return shell;
    }

    /** Gives prepared answers, and shows on {@code err} what it was asked. */
    private record Answers(Iterator<String> answers, OutputStream err) implements Keyboard {

        @Override
        public boolean isPresent() {
            return true;
        }

        @Override
        public byte[] secret(String prompt) {
            return line("(hidden) " + prompt).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String line(String prompt) {
            Terminal.line(err, prompt);
            return answers.next();
        }
    }

    /** A command that goes on. */
    final class Running implements AutoCloseable {

        private final Interruption interruption = new Interruption();
        private final Waiting out = new Waiting();
        private final Waiting err = new Waiting();
        private final CompletableFuture<Integer> status;
        private final boolean json;

        Running(String... arguments) {
            json = List.of(arguments).contains("--json");
            Keyboard keyboard = answers == null ? Keyboard.NONE : new Answers(answers.iterator(), err);
            Terminal world = new Terminal(
                    input, out, err, Map.copyOf(environment), folder, terminal, terminal, interruption, keyboard);
            status = CompletableFuture.supplyAsync(
                    () -> Main.run(arguments, world), task -> new Thread(task, "shell").start());
        }

        /** Waits for a line of output; fails when the command ends before, or after a minute. */
        String waitFor(Predicate<String> line) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() - deadline < 0) {
                boolean over = status.isDone();
                for (String one : out.text().lines().toList()) {
                    if (line.test(one)) {
                        return one;
                    }
                }
                if (over) {
                    break;
                }
                out.pause();
            }
            throw new AssertionError("never said; out: " + out.text() + "; err: " + err.text());
        }

        /** Data of the first event with this tag. */
        JsonObject waitForEvent(String tag) {
            String line = waitFor(text -> text.contains("\"tag\":\"" + tag + "\""));
            return JsonParser.parseString(line).getAsJsonObject().getAsJsonObject("data");
        }

        /** {@code --peer} address of the first {@code listening} event. */
        String address() {
            JsonObject listening = waitForEvent("listening");
            return listening.get("host").getAsString() + ":"
                    + listening.get("port").getAsInt();
        }

        /** Presses Ctrl-C. */
        void interrupt() {
            interruption.wish();
        }

        boolean isDone() {
            return status.isDone();
        }

        /** Waits for its end. */
        Said end() {
            try {
                int code = status.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                if (json) {
                    out.text().lines().forEach(Schemas::check);
                }
                return new Said(code, out.bytes(), err.text());
            } catch (Exception e) {
                throw new AssertionError("did not end; out: " + out.text() + "; err: " + err.text(), e);
            }
        }

        @Override
        public void close() {
            interrupt();
            end();
        }
    }

    /** Output that others can wait for. */
    private static final class Waiting extends ByteArrayOutputStream {

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            super.write(bytes, offset, length);
            notifyAll();
        }

        synchronized String text() {
            return toString(StandardCharsets.UTF_8);
        }

        synchronized byte[] bytes() {
            return toByteArray();
        }

        synchronized void pause() {
            try {
                wait(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

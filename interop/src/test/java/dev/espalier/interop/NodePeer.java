package dev.espalier.interop;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A running JavaScript peer: its standard output is a list of events (one JSON object per line, each with an
 * {@code event} field), its standard input takes commands.
 *
 * <p>Every wait ends at a deadline of 60 seconds with an {@link AssertionError} that shows all the peer has said.
 * <b>Threading:</b> one test thread.
 */
public final class NodePeer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int KEPT_ERROR_LINES = 200;

    private final String name;
    private final Process process;
    private final Writer commands;
    private final Thread outputReader;
    private final Thread errorReader;

    private final Object lock = new Object();
    private final List<JsonObject> pending = new ArrayList<>();
    private final List<String> transcript = new ArrayList<>();
    private boolean outputEnded;
    private int requests;

    NodePeer(String name, Process process) {
        this.name = name;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.outputReader = reader("output", process.inputReader(StandardCharsets.UTF_8), true);
        this.errorReader = reader("error", process.errorReader(StandardCharsets.UTF_8), false);
    }

    /** Takes the first event of this name that was not taken yet, waiting for it; other events stay. */
    public JsonObject await(String event) {
        return await(event, anything -> true);
    }

    /** Takes the first event of this name that {@code matches} and was not taken yet, waiting for it. */
    public JsonObject await(String event, Predicate<JsonObject> matches) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        synchronized (lock) {
            while (true) {
                for (int i = 0; i < pending.size(); i++) {
                    JsonObject candidate = pending.get(i);
                    if (event.equals(candidate.get("event").getAsString()) && matches.test(candidate)) {
                        return pending.remove(i);
                    }
                }
                if (outputEnded) {
                    throw failure("ended without saying \"" + event + "\"");
                }
                waitUntil(deadline, event);
            }
        }
    }

    /** Whether an event of this name has come and was not taken. */
    public boolean said(String event) {
        synchronized (lock) {
            return pending.stream()
                    .anyMatch(one -> event.equals(one.get("event").getAsString()));
        }
    }

    /** The port of the {@code listening} event, waiting for it. */
    public int awaitPort() {
        return await("listening").get("port").getAsInt();
    }

    /** Sends one line. */
    public void send(String line) {
        try {
            commands.write(line + "\n");
            commands.flush();
        } catch (IOException e) {
            synchronized (lock) {
                AssertionError error = failure("took no command \"" + line + "\"");
                error.initCause(e);
                throw error;
            }
        }
    }

    /** Sends a JSON command to a peer that answers with {@code reply} events, and awaits the reply to it. */
    public JsonObject request(JsonObject command) {
        int id = ++requests;
        JsonObject numbered = command.deepCopy();
        numbered.addProperty("id", id);
        send(numbered.toString());
        return await("reply", reply -> reply.has("id") && reply.get("id").getAsInt() == id);
    }

    /** Waits for the peer to end by itself; its exit status. */
    public int awaitExit() {
        try {
            if (process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (lock) {
            throw failure("did not end");
        }
    }

    /** Whether the process still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the peer, if it still runs, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            outputReader.join();
            errorReader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Thread reader(String stream, BufferedReader lines, boolean events) {
        Thread thread = new Thread(() -> read(lines, events), name + " " + stream);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void read(BufferedReader lines, boolean events) {
        try (lines) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line, events);
            }
        } catch (IOException e) {
            hear("(cannot read on: " + e.getMessage() + ")", false);
        } catch (UncheckedIOException e) {
            hear("(cannot read on: " + e.getCause().getMessage() + ")", false);
        } finally {
            if (events) {
                synchronized (lock) {
                    outputEnded = true;
                    lock.notifyAll();
                }
            }
        }
    }

    private void hear(String line, boolean isEvent) {
        synchronized (lock) {
            if (!isEvent) {
                if (transcript.size() < KEPT_ERROR_LINES) {
                    transcript.add("stderr: " + line);
                }
                return;
            }
            transcript.add(line);
            try {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("event")) {
                    pending.add(event);
                }
            } catch (JsonParseException | IllegalStateException e) {
                transcript.add("(that line is not a JSON object)");
            }
            lock.notifyAll();
        }
    }

    private void waitUntil(long deadline, String event) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw failure("did not say \"" + event + "\" in " + DEADLINE.toSeconds() + " s");
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(lock, left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was not awaited to the end: interrupted");
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError(name + " " + what + "; it said:\n" + String.join("\n", transcript));
    }
}

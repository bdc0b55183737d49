package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import java.io.Console;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that the process was started from, wherever its standard streams lead.
 *
 * <p>Design note: Java's own console decodes what is typed in the charset of the locale and keeps strings that cannot be
 * wiped, and there is none when standard output goes to a file. Where there is {@code /dev/tty}, bytes are taken from it
 * as they are typed; {@code stty} turns the echo off. Elsewhere (Windows) the console has to do.
 */
final class TerminalKeyboard implements Keyboard {

    private static final Path TTY = Path.of("/dev/tty");
    private static final int MAX_LINE = 4096;

    private final Interruption interruption;

    TerminalKeyboard(Interruption interruption) {
        this.interruption = interruption;
    }

    @Override
    public boolean isPresent() {
        if (Files.exists(TTY)) {
            try (FileInputStream in = new FileInputStream(TTY.toFile())) {
                return true;
            } catch (IOException e) {
                return false; // A process without a terminal, such as a service.
            }
        }
        return console() != null;
    }

    private static @Nullable Console console() {
        return Files.exists(TTY) ? null : System.console();
    }

    @Override
    public byte[] secret(String prompt) {
        Console console = console();
        if (console != null) {
            char[] typed = console.readPassword("%s", prompt);
            if (typed == null) {
                throw interrupted();
            }
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
            byte[] secret = Arrays.copyOf(bytes.array(), bytes.limit());
            Arrays.fill(typed, '\0');
            Arrays.fill(bytes.array(), (byte) 0);
            return secret;
        }
        stty("-echo");
        // Also when the process is ended meanwhile: a terminal without echo is a nuisance.
        try (Interruption.Registration ignored = interruption.onWish(() -> stty("echo"))) {
            byte[] typed = ask(prompt);
            write("\n");
            return typed;
        } finally {
            stty("echo");
        }
    }

    @Override
    public String line(String prompt) {
        Console console = console();
        if (console != null) {
            String typed = console.readLine("%s", prompt);
            if (typed == null) {
                throw interrupted();
            }
            return typed;
        }
        return new String(ask(prompt), StandardCharsets.UTF_8);
    }

    /** Reads on a thread of its own, which nothing can wake from its reading: after Ctrl-C it is left behind. */
    private byte[] ask(String prompt) {
        write(prompt);
        CompletableFuture<byte[]> typed = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try (InputStream in = new FileInputStream(TTY.toFile())) {
                        typed.complete(PasswordFlags.readLine(in, MAX_LINE));
                    } catch (IOException | RuntimeException e) {
                        typed.completeExceptionally(e);
                    }
                },
                "espalier-keyboard");
        reader.setDaemon(true);
        reader.start();
        try (Interruption.Registration ignored =
                interruption.onWish(() -> typed.completeExceptionally(interrupted()))) {
            return typed.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EspalierException failure) {
                throw failure;
            }
            throw new EspalierException(
                    "ERR_OPERATION_FAILED",
                    "The terminal cannot be read: " + e.getCause().getMessage() + ".",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted();
        }
    }

    private static void write(String text) {
        try (FileOutputStream out = new FileOutputStream(TTY.toFile())) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new EspalierException(
                    "ERR_OPERATION_FAILED", "The terminal cannot be written: " + e.getMessage() + ".", e);
        }
    }

    private static void stty(String setting) {
        boolean done = false;
        try {
            Process stty = new ProcessBuilder("stty", setting)
                    .redirectInput(TTY.toFile())
                    .redirectErrorStream(true)
                    .start();
            stty.getInputStream().readAllBytes();
            done = stty.waitFor(10, TimeUnit.SECONDS) && stty.exitValue() == 0;
        } catch (IOException e) {
            // Told below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!done && setting.equals("-echo")) {
            throw new EspalierException(
                    "ERR_OPERATION_FAILED",
                    "What is typed would be shown, because stty does not work here; hand the password over with"
                            + " --password-fd.");
        }
    }

    private static EspalierException interrupted() {
        return new EspalierException("ERR_INTERRUPTED", "Interrupted before it was done.");
    }
}

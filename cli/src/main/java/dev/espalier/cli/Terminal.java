package dev.espalier.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command sees of the world around it; a test gives it another one.
 *
 * @param in standard input, unbuffered
 * @param out standard output, unbuffered
 * @param err standard error, unbuffered
 * @param environment environment variables
 * @param folder current folder, absolute
 * @param outIsTerminal whether a person reads standard output
 * @param errIsTerminal whether a person reads standard error
 * @param interruption how the command hears of Ctrl-C
 * @param keyboard whom to ask for passwords and confirmations
 */
record Terminal(
        InputStream in,
        OutputStream out,
        OutputStream err,
        Map<String, String> environment,
        Path folder,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Interruption interruption,
        Keyboard keyboard) {

    /** The world of this process. */
    static Terminal ofProcess(Interruption interruption) {
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                System.getenv(),
                Path.of("").toAbsolutePath(),
                isTerminal(1),
                isTerminal(2),
                interruption,
                new TerminalKeyboard(interruption));
    }

    /** No world at all: that of a command which is only parsed, or which runs for another process. */
    static Terminal none(Path folder) {
        return new Terminal(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                Map.of(),
                folder,
                false,
                false,
                new Interruption(),
                Keyboard.NONE);
    }

    /** A path as typed, seen from the current folder. */
    Path resolve(Path path) {
        return folder.resolve(path).normalize();
    }

    /** Whether colours may be used on standard output. */
    boolean hasColour() {
        return outIsTerminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** Java itself only knows whether input and output both are terminals. */
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return System.console() != null;
        }
    }

    /** Writes one line and flushes it. */
    static void line(OutputStream stream, String text) {
        try {
            stream.write((text + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
            stream.flush();
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }
}

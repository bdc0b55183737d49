package dev.espalier.cli;

import dev.espalier.merkle.EspalierException;
import dev.espalier.release.multisig.KeyFile;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a password comes in: typed, or through a file descriptor. Never as an argument, which everybody could see. */
final class PasswordFlags {

    private static final int MAX_PASSWORD = 1024;

    @Option(
            names = "--password-fd",
            paramLabel = "N",
            description = "Read the password from this file descriptor, up to a line end; 0 is standard input.")
    @Nullable
    Integer descriptor;

    /** The password of a new key: typed twice. To be wiped. */
    byte[] chosen(Terminal terminal) throws IOException {
        if (descriptor != null) {
            return read(terminal);
        }
        byte[] password = typed(terminal, "Choose a password: ");
        try {
            KeyFile.checkPassword(password);
        } catch (EspalierException e) {
            Arrays.fill(password, (byte) 0);
            throw e;
        }
        byte[] again = typed(terminal, "The same again: ");
        try {
            if (!MessageDigest.isEqual(password, again)) {
                Arrays.fill(password, (byte) 0);
                throw new EspalierException("ERR_INVALID_INPUT", "The two passwords differ.");
            }
            return password;
        } finally {
            Arrays.fill(again, (byte) 0);
        }
    }

    /** The password of a key that is there. To be wiped. */
    byte[] known(Terminal terminal, String name) throws IOException {
        return descriptor != null ? read(terminal) : typed(terminal, "Password of the key \"" + name + "\": ");
    }

    private static byte[] typed(Terminal terminal, String prompt) {
        if (!terminal.keyboard().isPresent()) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "There is no terminal to type the password on; hand it over with --password-fd N.");
        }
        return terminal.keyboard().secret(prompt);
    }

    private byte[] read(Terminal terminal) throws IOException {
        int number = descriptor == null ? 0 : descriptor;
        if (number < 0) {
            throw new EspalierException("ERR_INVALID_INPUT", "--password-fd takes a number from 0 up.");
        }
        if (number == 0) {
            return text(readLine(terminal.in(), MAX_PASSWORD), number);
        }
        try (InputStream in = new FileInputStream("/dev/fd/" + number)) {
            return text(readLine(in, MAX_PASSWORD), number);
        } catch (FileNotFoundException e) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "There is no file descriptor " + number + "; open it as in: espalier ... --password-fd " + number
                            + " " + number + "<FILE",
                    e);
        }
    }

    /**
     * Refuses what nobody would type. A descriptor that was not opened by the caller may be one that Java opened, for one of
     * its jars, say: that must not become a password.
     */
    private static byte[] text(byte[] line, int descriptor) {
        boolean control = false;
        for (byte next : line) {
            control |= next >= 0 && next < ' ' || next == 0x7f;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).clear();
        } catch (CharacterCodingException e) {
            control = true;
        }
        if (control) {
            Arrays.fill(line, (byte) 0);
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "What file descriptor " + descriptor
                            + " holds is no text, so no password; open it as in: espalier ..." + " --password-fd "
                            + descriptor + " " + descriptor + "<FILE");
        }
        return line;
    }

    /** The bytes up to a line end, or to the end; no byte behind it is taken. */
    static byte[] readLine(InputStream in, int limit) throws IOException {
        byte[] line = new byte[limit];
        int size = 0;
        try {
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                if (size == limit) {
                    throw new EspalierException(
                            "ERR_INVALID_INPUT", "What was typed is longer than " + limit + " bytes.");
                }
                line[size++] = (byte) next;
            }
            if (size > 0 && line[size - 1] == '\r') {
                size--;
            }
            return Arrays.copyOf(line, size);
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }
}

package dev.espalier.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Runs a program in this JVM and keeps what it prints. Not for two tests at a time: there is one standard output. */
final class Printed {

    private Printed() {}

    /** The lines that {@code main} prints, given these paths. */
    static List<String> by(Consumer<String[]> main, Path... paths) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            main.accept(Stream.of(paths).map(Path::toString).toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}

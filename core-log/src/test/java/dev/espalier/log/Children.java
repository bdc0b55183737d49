package dev.espalier.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts classes of the tests in processes of their own. */
final class Children {

    private Children() {}

    /** Runs {@code main} with this JVM's class path and plain mapped buffers; errors go to this process's own. */
    static Process start(Class<?> main, String... args) throws IOException {
        return startWithHeap("-Xmx256m", main, args);
    }

    /** The same with an option for the heap. */
    static Process startWithHeap(String heap, Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(heap, "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}

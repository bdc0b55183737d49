package dev.espalier.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A new folder for the files of one run, removed by {@link #close}.
 *
 * <p>Made in the folder that the system property {@code espalier.bench.dir} names, else in that for temporary files. Which
 * device that is decides what the benchmarks that write measure.
 */
final class Scratch implements AutoCloseable {

    private final Path folder;

    private Scratch(Path folder) {
        this.folder = folder;
    }

    static Scratch create() throws IOException {
        Path parent = Path.of(System.getProperty("espalier.bench.dir", System.getProperty("java.io.tmpdir")));
        return new Scratch(Files.createTempDirectory(parent, "espalier-bench"));
    }

    /** Path of a file or folder in it. */
    Path path(String name) {
        return folder.resolve(name);
    }

    @Override
    public void close() throws IOException {
        delete(folder);
    }

    /** Removes a file or folder with all that is in it, if it is there. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

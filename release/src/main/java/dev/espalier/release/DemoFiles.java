package dev.espalier.release;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The application of the {@link Demo}, and an eye on its copies that shares no code with what made them. Stateless. */
final class DemoFiles {

    private static final int ASSET_BYTES = 2 << 20;

    private DemoFiles() {}

    /** Version 1.0.0. */
    static void writeApplication(Path app) throws IOException {
        write(app, "package.json", packageJson("1.0.0"));
        write(app, "index.html", "<!doctype html>\n<title>Hello</title>\n<p>Hello from version 1.0.0</p>\n");
        write(app, "assets/style.css", "p { font-family: serif; }\n");
        write(app, "docs/read me.txt", "A name with a space, and one with letters beyond ASCII beside it.\n");
        write(app, "docs/größe.txt", "Names are UTF-8 and stay as they are.\n");
        write(app, "bin/hello", "#!/bin/sh\necho hello\n");
        app.resolve("bin/hello").toFile().setExecutable(true);
        byte[] asset = new byte[ASSET_BYTES];
        new Random(1).nextBytes(asset);
        Files.write(app.resolve("assets/film.bin"), asset);
        if (app.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createSymbolicLink(app.resolve("hello"), Path.of("bin/hello"));
        }
    }

    /** Makes version 1.1.0 of it. */
    static void changeApplication(Path app) throws IOException {
        write(app, "package.json", packageJson("1.1.0"));
        write(app, "index.html", "<!doctype html>\n<title>Hello</title>\n<p>Hello from version 1.1.0</p>\n");
        write(app, "docs/news.txt", "Now with news.\n");
        Files.delete(app.resolve("docs/read me.txt"));
    }

    /**
     * Compares two folders: names, kinds, bytes, texts of links, executable bits.
     *
     * @throws EspalierException naming the first difference
     */
    static void requireEqual(Path one, Path other) throws IOException {
        List<Path> names = names(one);
        if (!names.equals(names(other))) {
            throw different("the names in " + one + " and " + other);
        }
        for (Path name : names) {
            Path left = one.resolve(name);
            Path right = other.resolve(name);
            boolean link = Files.isSymbolicLink(left);
            if (link != Files.isSymbolicLink(right) || Files.isDirectory(left) != Files.isDirectory(right)) {
                throw different("the kinds of " + name);
            }
            if (link) {
                if (!Files.readSymbolicLink(left).equals(Files.readSymbolicLink(right))) {
                    throw different("the links " + name);
                }
            } else if (!Files.isDirectory(left)
                    && (Files.mismatch(left, right) >= 0 || Files.isExecutable(left) != Files.isExecutable(right))) {
                throw different("the files " + name);
            }
        }
    }

    /** Removes a folder and everything in it; links are not followed. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    static boolean isEmptyFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static List<Path> names(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.map(folder::relativize).sorted().toList();
        }
    }

    private static String packageJson(String version) {
        return "{\n  \"name\": \"hello\",\n  \"productName\": \"Hello\",\n  \"version\": \"" + version + "\"\n}\n";
    }

    private static void write(Path app, String name, String text) throws IOException {
        Path file = app.resolve(name);
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }

    private static EspalierException different(String what) {
        return new EspalierException("ERR_INTERNAL_ERROR", "The copy is not what was staged: " + what + " differ.");
    }
}

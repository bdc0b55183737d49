package dev.espalier.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;

/** A folder with everything that has ever been awkward about files. */
final class SampleTree {

    private static final long SEED = 20;

    private SampleTree() {}

    /** Fills {@code root}, which it makes. */
    static Path write(Path root) throws IOException {
        file(root, "readme.md", "hello\n".getBytes(StandardCharsets.UTF_8));
        file(root, "empty", new byte[0]);
        file(root, "with space/and more  space.txt", "two  spaces".getBytes(StandardCharsets.UTF_8));
        file(root, "caf\u00e9", "one code point".getBytes(StandardCharsets.UTF_8));
        file(root, "cafe\u0301", "two code points".getBytes(StandardCharsets.UTF_8));
        file(root, "\ud83c\udf50/\u68a8.txt", "beyond the first plane".getBytes(StandardCharsets.UTF_8));
        file(root, "it's \"quoted\", `$x`; & *?.txt", "for shells".getBytes(StandardCharsets.UTF_8));
        file(root, " leading and trailing ", "blanks".getBytes(StandardCharsets.UTF_8));
        file(root, ".hidden/.github/workflow", "dot folders count".getBytes(StandardCharsets.UTF_8));
        file(root, "x", "a file beside a folder of nearly its name".getBytes(StandardCharsets.UTF_8));
        file(root, "x.d/y", "y".getBytes(StandardCharsets.UTF_8));
        file(root, "x0", "sorts right after the folder".getBytes(StandardCharsets.UTF_8));
        file(root, "deep/" + "d/".repeat(60) + "end", "the bottom".getBytes(StandardCharsets.UTF_8));
        file(root, "exactly-one-block", random(65536));
        file(root, "one-block-and-a-byte", random(65537));
        file(root, "large.bin", random(5_000_000));
        Path script = file(root, "bin/run", "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(root.resolve("bin/link"), Path.of("run"));
        Files.createSymbolicLink(root.resolve("nowhere"), Path.of("../gone/away"));
        return root;
    }

    /** Changes three files and deletes one. */
    static void change(Path root) throws IOException {
        file(root, "readme.md", "hello again\n".getBytes(StandardCharsets.UTF_8));
        file(root, "empty", "no more".getBytes(StandardCharsets.UTF_8));
        file(root, "x.d/y", new byte[0]);
        Files.delete(root.resolve("x0"));
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED + length).nextBytes(bytes);
        return bytes;
    }

    private static Path file(Path root, String name, byte[] bytes) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.write(path, bytes);
    }
}

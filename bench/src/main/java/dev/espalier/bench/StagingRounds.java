package dev.espalier.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Blake2b;
import dev.espalier.release.Dump;
import dev.espalier.release.Link;
import dev.espalier.release.NetworkOptions;
import dev.espalier.release.Releases;
import dev.espalier.release.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Locale;
import java.util.Random;

/**
 * How fast a folder is staged, staged again without a change, and dumped; as the commands do it, each step beside the
 * least that has to be done for it by one thread.
 *
 * <pre>
 * StagingRounds FOLDER FILES FILE_BYTES ROUNDS
 * </pre>
 *
 * <p>Makes {@code FOLDER/source} once, and lets it come to rest: a file is remembered when it was not written to for a
 * minute. Every round stages into a new store and dumps into a new folder. The first round is that of a JVM that has just
 * started.
 */
public final class StagingRounds {

    private static final int FILES_IN_FOLDER = 100;
    private static final int CHUNK = 64 << 10;
    private static final long REST_MILLIS = 62_000;

    private final Path folder;
    private final Path source;
    private final int files;
    private final long fileBytes;

    StagingRounds(Path folder, int files, long fileBytes) {
        this.folder = folder;
        this.source = folder.resolve("source");
        this.files = files;
        this.fileBytes = fileBytes;
    }

    /** See the class. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 4) {
            throw new IllegalArgumentException("StagingRounds FOLDER FILES FILE_BYTES ROUNDS");
        }
        StagingRounds rounds = new StagingRounds(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
        rounds.makeFiles();
        rounds.rest();
        for (int round = 1; round <= Integer.parseInt(args[3]); round++) {
            System.out.println("round " + round);
            rounds.run();
        }
    }

    /** Makes the files, unless they are there. */
    void makeFiles() throws IOException {
        if (Files.exists(source)) {
            return;
        }
        byte[] bytes = new byte[CHUNK];
        Random random = new Random(1);
        for (int i = 0; i < files; i++) {
            Path parent = Files.createDirectories(source.resolve("folder-" + i / FILES_IN_FOLDER));
            try (OutputStream out = Files.newOutputStream(parent.resolve("file-" + i))) {
                for (long left = fileBytes; left > 0; left -= CHUNK) {
                    random.nextBytes(bytes);
                    out.write(bytes, 0, (int) Math.min(left, CHUNK));
                }
            }
        }
    }

    private void rest() throws IOException, InterruptedException {
        Path last = source.resolve("folder-" + (files - 1) / FILES_IN_FOLDER).resolve("file-" + (files - 1));
        FileTime changed = (FileTime) Files.getAttribute(last, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        long wait = changed.toMillis() + REST_MILLIS - System.currentTimeMillis();
        if (wait > 0) {
            System.out.println("waiting " + wait / 1000 + " s for the files to come to rest");
            Thread.sleep(wait);
        }
    }

    /** One round of all steps. */
    void run() throws IOException {
        Path stored = folder.resolve("store");
        Path dumped = folder.resolve("dumped");
        Path plain = folder.resolve("plain");
        try {
            measure("baseline: walk, read, hash, write one file", () -> copyAndHash(plain));
            try (LogStore store = LogStore.open(stored)) {
                Releases releases = Releases.of(store);
                Link link = releases.touch().join().link();
                Stage.Options options = Stage.Options.of(source);
                measure(
                        "stage",
                        () -> expect(files, releases.stage(link, options).join().add()));
                measure(
                        "stage again",
                        () -> expect(0, releases.stage(link, options).join().add()));
                measure("baseline: walk", this::walk);
                Dump.Options dump = Dump.Options.to(dumped, NetworkOptions.none());
                measure(
                        "dump",
                        () -> expect(files, releases.dump(link, dump).join().add()));
                Files.delete(plain);
                measure("baseline: walk, read, write files", () -> copy(plain));
            }
        } finally {
            for (Path made : new Path[] {stored, dumped, plain}) {
                Scratch.delete(made);
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void measure(String name, Step step) throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpu = system.getProcessCpuTime();
        long begun = System.nanoTime();
        step.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.println(String.format(
                Locale.ROOT,
                "  %-44s %6.2f s, %8.0f files/s, %7.1f MB/s, %5.2f s of CPU",
                name,
                seconds,
                files / seconds,
                files * fileBytes / seconds / 1e6,
                (system.getProcessCpuTime() - cpu) / 1e9));
    }

    private static void expect(long wanted, long found) {
        if (wanted != found) {
            throw new IllegalStateException("expected " + wanted + " files, not " + found);
        }
    }

    // ---- what has to be done at least

    private void walk() throws IOException {
        Files.walkFileTree(source, new SimpleFileVisitor<>() {});
    }

    private void copyAndHash(Path target) throws IOException {
        Blake2b blake = new Blake2b(32);
        byte[] chunk = new byte[CHUNK];
        try (FileChannel out = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Files.walkFileTree(source, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    try (InputStream in = Files.newInputStream(file)) {
                        for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
                            blake.update(chunk, 0, read);
                            for (ByteBuffer left = ByteBuffer.wrap(chunk, 0, read); left.hasRemaining(); ) {
                                out.write(left);
                            }
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        blake.digest();
    }

    private void copy(Path target) throws IOException {
        byte[] chunk = new byte[CHUNK];
        Files.walkFileTree(source, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) throws IOException {
                Files.createDirectory(target.resolve(source.relativize(visited)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try (InputStream in = Files.newInputStream(file);
                        OutputStream out = Files.newOutputStream(target.resolve(source.relativize(file)))) {
                    for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
                        out.write(chunk, 0, read);
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of a folder that are forced to the device together, then renamed. Forcing them one by one waits for the
 * device's journal each time; side by side, they share it.
 *
 * <p><b>Threading:</b> one thread, which waits for its helpers.
 */
final class FolderGroup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FolderGroup.class);

    /** Files and bytes that wait at most. */
    private static final int MAX_FILES = 512;

    private static final long MAX_BYTES = 256L << 20;
    private static final int THREADS = 16;

    private final LocalFolder folder;
    private final TreeMap<String, Path> waiting = new TreeMap<>();
    private final Set<Path> touched = new HashSet<>();
    private final ExecutorService helpers = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "espalier-force");
        thread.setDaemon(true);
        return thread;
    });
    private long waitingBytes;

    FolderGroup(LocalFolder folder) {
        this.folder = folder;
    }

    void add(String path, Path temporary) {
        waiting.put(path, temporary);
        touched.add(temporary.getParent());
        try {
            waitingBytes += Files.size(temporary);
        } catch (IOException e) {
            throw Failures.io(path + " cannot be written: " + LocalFolder.reason(e) + ".", e);
        }
        if (waiting.size() >= MAX_FILES || waitingBytes >= MAX_BYTES) {
            flush();
        }
    }

    /** Finishes all when one of them is {@code path}, above it or below it. */
    void settle(String path) {
        if (waiting.isEmpty()) {
            return;
        }
        String below = waiting.ceilingKey(path + "/");
        boolean shared = waiting.containsKey(path) || (below != null && below.startsWith(path + "/"));
        for (int slash = path.lastIndexOf('/'); slash > 0 && !shared; slash = path.lastIndexOf('/', slash - 1)) {
            shared = waiting.containsKey(path.substring(0, slash));
        }
        if (shared) {
            flush();
        }
    }

    /** Forces all that waits, then gives each file its name. */
    void flush() {
        if (folder.isDurable()) {
            forceAll(new ArrayList<>(waiting.values()), FolderGroup::forceFile);
        }
        for (Map.Entry<String, Path> file : waiting.entrySet()) {
            folder.place(file.getKey(), file.getValue());
        }
        waiting.clear();
        waitingBytes = 0;
    }

    /** Finishes all, and forces the folders in which something got a name. */
    void finish() {
        flush();
        if (folder.isDurable()) {
            forceAll(new ArrayList<>(touched), FolderGroup::forceFolder);
        }
        touched.clear();
    }

    /** Drops what was not finished. */
    @Override
    public void close() {
        helpers.shutdownNow();
        for (Path temporary : waiting.values()) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // Hidden from listings, and the next mirror takes it away.
                LOG.debug("A temporary file stays: {}", temporary, e);
            }
        }
        waiting.clear();
    }

    private interface Force {
        void force(Path path) throws IOException;
    }

    private void forceAll(List<Path> paths, Force force) {
        List<Callable<Void>> tasks = new ArrayList<>(paths.size());
        for (Path path : paths) {
            tasks.add(() -> {
                force.force(path);
                return null;
            });
        }
        try {
            for (Future<Void> done : helpers.invokeAll(tasks)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EspalierException("ERR_CANCELLED", "Interrupted while files were forced to the device.", e);
        } catch (ExecutionException e) {
            throw Failures.io(
                    "Files in " + folder.root() + " cannot be forced to the device: " + LocalFolder.reason(e.getCause())
                            + ".",
                    e.getCause());
        }
    }

    private static void forceFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(false);
        }
    }

    /** Forces the names in a folder to the device, where the system can. */
    static void forceFolder(Path path) throws IOException {
        if (!LocalFolder.isPosix(path) || !Files.isDirectory(path)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that one process writes a store: a lock of the operating system on the file {@code lock}, which also holds
 * the process id of its owner as text. The lock goes with the process, however it ends.
 */
final class StoreLock implements AutoCloseable {

    /**
     * Stores open in this process. Asked before the file is touched: where closing any channel of a file gives back all
     * locks of the process on it, a second attempt would unlock the first.
     */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private StoreLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks the store in an existing folder.
     *
     * @throws EspalierException {@code ERR_STORE_IN_USE} naming the process that holds it
     */
    static StoreLock acquire(Path folder) {
        Path file = folder.resolve("lock");
        Path real = folder;
        try {
            real = folder.toRealPath();
            if (!OPEN_HERE.add(real)) {
                throw inUse(folder, Long.toString(ProcessHandle.current().pid()));
            }
        } catch (IOException e) {
            throw StorageErrors.of("open", folder, e);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(folder, owner(file));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
            return new StoreLock(real, channel);
        } catch (IOException e) {
            close(channel, e);
            OPEN_HERE.remove(real);
            throw StorageErrors.of("lock", file, e);
        } catch (RuntimeException e) {
            close(channel, e);
            OPEN_HERE.remove(real);
            throw e;
        }
    }

    private static void close(@Nullable FileChannel channel, Exception failure) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    private static String owner(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        return text.matches("[0-9]{1,19}") ? text : "unknown";
    }

    private static EspalierException inUse(Path folder, String pid) {
        return new EspalierException(
                "ERR_STORE_IN_USE", "The store " + folder + " is in use by the process with pid " + pid + ".");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw StorageErrors.of("unlock", folder, e);
        } finally {
            OPEN_HERE.remove(folder);
        }
    }
}

package dev.espalier.drive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an operating system says about a file and changes whenever somebody writes to it. The time of the last change of
 * the inode cannot be set by a program: it is the system's clock at each write, each rename and each change of the other
 * times.
 *
 * @param size bytes
 * @param modified time of the last write, nanoseconds since 1970
 * @param changed time of the last change of the inode, nanoseconds since 1970
 * @param inode number of the file on its device
 * @param device number of the device
 */
public record FileStamp(long size, long modified, long changed, long inode, long device) {

    /**
     * File systems that note a write when it happens, through mapped memory too. Others may note it later, on another
     * clock, or not at all.
     */
    private static final Set<String> RELIABLE = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs");

    /** Whether each device is one of those. */
    private static final Map<Long, Boolean> DEVICES = new ConcurrentHashMap<>();

    /** The stamp of a file, links not followed; null where it cannot be relied on, or nothing is there. */
    static @Nullable FileStamp of(Path file) {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return null;
        }
        try {
            Map<String, Object> stat = Files.readAttributes(
                    file, "unix:isRegularFile,size,lastModifiedTime,ctime,ino,dev", LinkOption.NOFOLLOW_LINKS);
            long device = ((Number) stat.get("dev")).longValue();
            if (!Boolean.TRUE.equals(stat.get("isRegularFile")) || !isReliable(file, device)) {
                return null;
            }
            return new FileStamp(
                    ((Number) stat.get("size")).longValue(),
                    ((FileTime) stat.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS),
                    ((FileTime) stat.get("ctime")).to(TimeUnit.NANOSECONDS),
                    ((Number) stat.get("ino")).longValue(),
                    device);
        } catch (NoSuchFileException | UnsupportedOperationException e) {
            return null;
        } catch (IOException e) {
            throw Failures.io(file + " cannot be looked at: " + LocalFolder.reason(e) + ".", e);
        }
    }

    private static boolean isReliable(Path file, long device) throws IOException {
        Boolean known = DEVICES.get(device);
        if (known == null) {
            known = RELIABLE.contains(Files.getFileStore(file).type());
            DEVICES.put(device, known);
        }
        return known;
    }

    /** Whether nobody wrote for so long before {@code now}; all in nanoseconds. */
    boolean isOlderThan(long margin, long now) {
        return Math.max(modified, changed) <= now - margin;
    }
}

package dev.espalier.drive;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code java.nio.file} is told of a file, a link or a folder (no entry) of a drive. Permissions are those that a
 * mirror to disk would set. A drive knows no times, which are all 1970, and no owner. <b>Threading:</b> immutable.
 */
record DriveAttributes(String path, @Nullable Entry entry, long size) implements PosixFileAttributes {

    private static final FileTime NEVER = FileTime.fromMillis(0);
    private static final Nobody NOBODY = new Nobody();

    private static final class Nobody implements GroupPrincipal {
        @Override
        public String getName() {
            return "nobody";
        }

        @Override
        public String toString() {
            return getName();
        }
    }

    @Override
    public FileTime lastModifiedTime() {
        return NEVER;
    }

    @Override
    public FileTime lastAccessTime() {
        return NEVER;
    }

    @Override
    public FileTime creationTime() {
        return NEVER;
    }

    @Override
    public boolean isRegularFile() {
        return entry != null && !entry.isLink();
    }

    @Override
    public boolean isDirectory() {
        return entry == null;
    }

    @Override
    public boolean isSymbolicLink() {
        return entry != null && entry.isLink();
    }

    @Override
    public boolean isOther() {
        return false;
    }

    @Override
    public Object fileKey() {
        return path;
    }

    @Override
    public UserPrincipal owner() {
        return NOBODY;
    }

    @Override
    public GroupPrincipal group() {
        return NOBODY;
    }

    @Override
    public Set<PosixFilePermission> permissions() {
        return PosixFilePermissions.fromString(
                isSymbolicLink() ? "rwxrwxrwx" : entry == null || entry.executable() ? "rwxr-xr-x" : "rw-r--r--");
    }

    /** All by name, of the {@code posix} view if asked. */
    Map<String, Object> all(boolean posix) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("lastModifiedTime", lastModifiedTime());
        all.put("lastAccessTime", lastAccessTime());
        all.put("creationTime", creationTime());
        all.put("size", size);
        all.put("isRegularFile", isRegularFile());
        all.put("isDirectory", isDirectory());
        all.put("isSymbolicLink", isSymbolicLink());
        all.put("isOther", isOther());
        all.put("fileKey", fileKey());
        if (posix) {
            all.put("permissions", permissions());
            all.put("owner", owner());
            all.put("group", group());
        }
        return all;
    }
}

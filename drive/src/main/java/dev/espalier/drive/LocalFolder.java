package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder on disk seen as a tree (drive specification §5). Links are entries, never followed; special files and empty
 * folders do not exist.
 *
 * <p>A file is written beside its place, forced to the device (see {@link #durable}), then renamed. Nothing is ever
 * written outside the folder: a link or a file where a parent folder is needed is removed first.
 *
 * <p>Names on disk are UTF-8 in every locale. Metadata is not kept.
 *
 * <p><b>Threading:</b> any number of threads, as long as they write different paths.
 */
public final class LocalFolder implements WritableTree {

    private final Path root;
    private final boolean durable;

    /** Where the file was of which a stamp was asked last; its neighbours come next. */
    private volatile @Nullable Parent parent;

    /** Files that are forced and renamed together; null to do it one by one. */
    private final @Nullable FolderGroup group;

    private LocalFolder(Path root, boolean durable, @Nullable FolderGroup group) {
        this.root = root;
        this.durable = durable;
        this.group = group;
    }

    /**
     * The folder at {@code root}, which need not exist: it is empty then, and made by the first write.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when there is something else
     */
    public static LocalFolder of(Path root) {
        Path absolute = root.toAbsolutePath().normalize();
        if (Files.exists(absolute) && !Files.isDirectory(absolute)) {
            throw Failures.invalidInput(absolute + " is not a folder.");
        }
        return new LocalFolder(absolute, true, null);
    }

    /**
     * The same folder, written in another way.
     *
     * @param forced whether what was written survives loss of power, once a method that writes (or a mirror) returned.
     *     Default true; false leaves it to the operating system and is several times faster for small files
     */
    public LocalFolder durable(boolean forced) {
        return new LocalFolder(root, forced, null);
    }

    /** The same folder, files being forced and renamed in groups. */
    LocalFolder in(FolderGroup files) {
        return new LocalFolder(root, durable, files);
    }

    /** The folder, absolute. */
    public Path root() {
        return root;
    }

    boolean isDurable() {
        return durable;
    }

    // ---- reading

    @Override
    public @Nullable Entry entry(String path) {
        String normal = DrivePath.normalize(path);
        Path file = locate(DrivePath.segments(normal));
        BasicFileAttributes attributes = file == null ? null : attributes(file);
        return file == null || attributes == null ? null : entry(file, normal, attributes);
    }

    /** The entry of a file or link that is there; null for folders and special files. */
    @Nullable
    Entry entry(Path file, String path, BasicFileAttributes attributes) {
        if (attributes.isSymbolicLink()) {
            try {
                return new Entry(0, path, false, insideRoot(DiskNames.linkText(file)), null, null);
            } catch (NoSuchFileException e) {
                return null;
            } catch (IOException e) {
                throw Failures.io("The link " + file + " cannot be read: " + reason(e) + ".", e);
            }
        }
        if (!attributes.isRegularFile()) {
            return null;
        }
        boolean executable = attributes instanceof PosixFileAttributes posix
                && posix.permissions().contains(PosixFilePermission.OWNER_EXECUTE);
        long size = attributes.size();
        long blocks = (size + BlobId.BLOCK_SIZE - 1) / BlobId.BLOCK_SIZE;
        return new Entry(0, path, executable, null, new BlobId(0, 0, blocks, size), null);
    }

    /** A target inside the folder becomes absolute in the tree. */
    private String insideRoot(String target) {
        String prefix = root.toString().replace('\\', '/');
        if (target.equals(prefix)) {
            return "/";
        }
        String below = prefix.endsWith("/") ? prefix : prefix + "/";
        return target.startsWith(below) ? target.substring(below.length() - 1) : target;
    }

    @Override
    public Iterable<Entry> list(String folder, ListOptions options) {
        String normal = DrivePath.folder(folder);
        List<String> segments = DrivePath.segments(normal);
        return () -> {
            Path start = locate(segments);
            BasicFileAttributes attributes = start == null || segments.isEmpty() ? null : attributes(start);
            boolean isFolder = segments.isEmpty() || (attributes != null && attributes.isDirectory());
            return start == null || !isFolder
                    ? Collections.emptyIterator()
                    : new FolderWalk(this, start, normal, options);
        };
    }

    @Override
    public Iterable<String> readdir(String folder) {
        int prefix = DrivePath.folder(folder).length() + 1;
        Iterable<Entry> children = list(folder, ListOptions.SHALLOW);
        return () -> {
            List<String> names = new ArrayList<>();
            for (Entry child : children) {
                int slash = child.path().indexOf('/', prefix);
                names.add(
                        child.path().substring(prefix, slash < 0 ? child.path().length() : slash));
            }
            return names.iterator();
        };
    }

    @Override
    public long size(Entry entry) {
        BlobId blob = entry.blob();
        return blob == null ? 0 : blob.byteLength();
    }

    @Override
    public InputStream newInputStream(Entry entry, long start, long length) {
        if (entry.isLink()) {
            return InputStream.nullInputStream();
        }
        Path file = locate(DrivePath.segments(entry.path()));
        if (file == null) {
            throw Failures.notFound("There is no file " + entry.path() + " in " + root + ".");
        }
        return FolderInput.open(file, start, length);
    }

    @Override
    public @Nullable FileStamp stamp(Entry entry) {
        if (entry.isLink()) {
            return null;
        }
        String path = entry.path();
        int slash = path.lastIndexOf('/');
        String above = path.substring(0, slash);
        Parent folder = parent;
        if (folder == null || !folder.path().equals(above)) {
            Path at = root;
            for (String name : DrivePath.segments(above)) {
                at = DiskNames.child(at, name);
            }
            folder = new Parent(above, at);
            parent = folder;
        }
        // Whether a link is on the way does not matter: the stamp says which file on which device it is of.
        return FileStamp.of(DiskNames.child(folder.place(), path.substring(slash + 1)));
    }

    /** A folder: its path in the tree and on disk. */
    private record Parent(String path, Path place) {}

    /** The path on disk when all parents are real folders, else null. */
    private @Nullable Path locate(List<String> segments) {
        Path at = root;
        for (int i = 0; i < segments.size(); i++) {
            if (i > 0) {
                BasicFileAttributes attributes = attributes(at);
                if (attributes == null || !attributes.isDirectory()) {
                    return null;
                }
            }
            at = DiskNames.child(at, segments.get(i));
        }
        return at;
    }

    /** Attributes of a file or link itself; null when there is none. */
    @Nullable
    BasicFileAttributes attributes(Path path) {
        return isPosix(path)
                ? FolderWalk.attributes(path, PosixFileAttributes.class)
                : FolderWalk.attributes(path, BasicFileAttributes.class);
    }

    static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    // ---- writing

    @Override
    public LocalFolder put(String path, byte[] bytes) {
        return put(path, ByteBuffer.wrap(bytes), PutOptions.NONE);
    }

    @Override
    public LocalFolder put(String path, ByteBuffer bytes, PutOptions options) {
        EntryOutput out = newOutputStream(path, options);
        out.writeBlock(bytes);
        out.close();
        return this;
    }

    @Override
    public EntryOutput newOutputStream(String path, PutOptions options) {
        String normal = DrivePath.normalize(path);
        Path file = makeParents(normal);
        return new FolderOutput(this, normal, parentOf(file), options.executable());
    }

    /** Whether a file has to be on the device before it gets its name. */
    boolean forcesEachFile() {
        return durable && group == null;
    }

    /** Gives a file that was written completely its name, now or with its group. */
    void finish(String path, Path temporary) {
        if (group != null) {
            group.add(path, temporary);
        } else {
            place(path, temporary);
        }
    }

    /** Renames a temporary file or link to its place. */
    void place(String path, Path temporary) {
        try {
            Path file = makeParents(path);
            removeFolderAt(file);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            if (forcesEachFile()) {
                FolderGroup.forceFolder(parentOf(file));
            }
        } catch (IOException e) {
            deleteQuietly(temporary, e);
            throw Failures.io(path + " cannot be written in " + root + ": " + reason(e) + ".", e);
        } catch (RuntimeException e) {
            deleteQuietly(temporary, e);
            throw e;
        }
    }

    private static void deleteQuietly(Path temporary, Exception cause) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** An absolute link text becomes one to a place in this folder; a relative one is kept. */
    @Override
    public LocalFolder symlink(String path, String linkname) {
        return link(path, linkname.startsWith("/") ? root + linkname : linkname);
    }

    /** Puts a link whose absolute text means a place outside the tree. */
    void symlinkOutside(String path, String linkname) {
        link(path, linkname);
    }

    private LocalFolder link(String path, String text) {
        String normal = DrivePath.normalize(path);
        Path file = makeParents(normal);
        Path temporary = FolderOutput.temporary(parentOf(file));
        try {
            Files.createSymbolicLink(temporary, DiskNames.linkTarget(root, text));
        } catch (IOException | UnsupportedOperationException e) {
            throw Failures.io("The link " + file + " cannot be made: " + reason(e) + ".", e);
        }
        place(normal, temporary);
        return this;
    }

    /** Removes a file or link, then parents that it left empty, up to the root. */
    @Override
    public LocalFolder delete(String path) {
        String normal = DrivePath.normalize(path);
        settle(normal);
        Path file = locate(DrivePath.segments(normal));
        BasicFileAttributes attributes = file == null ? null : attributes(file);
        if (file == null || attributes == null) {
            return this;
        }
        if (attributes.isDirectory()) {
            throw Failures.invalidInput(file + " is a folder: only files and links can be deleted.");
        }
        try {
            Files.deleteIfExists(file);
            removeEmptyParents(file);
        } catch (IOException e) {
            throw Failures.io(file + " cannot be deleted: " + reason(e) + ".", e);
        }
        return this;
    }

    private void removeEmptyParents(Path file) throws IOException {
        for (Path parent = parentOf(file); !parent.equals(root); parent = parentOf(parent)) {
            try {
                Files.delete(parent);
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                return;
            }
        }
    }

    /** Finishes waiting files that share a path with this one, as parent or child. */
    private void settle(String path) {
        if (group != null) {
            group.settle(path);
        }
    }

    /** Makes all parents of a path real folders, and returns where it is on disk. */
    private Path makeParents(String path) {
        settle(path);
        List<String> segments = DrivePath.segments(path);
        try {
            Files.createDirectories(root);
            Path at = root;
            for (String segment : segments.subList(0, segments.size() - 1)) {
                at = DiskNames.child(at, segment);
                makeFolder(at);
            }
            return DiskNames.child(at, segments.get(segments.size() - 1));
        } catch (IOException e) {
            throw Failures.io(
                    "The parent folders of " + path + " cannot be made in " + root + ": " + reason(e) + ".", e);
        }
    }

    private void makeFolder(Path folder) throws IOException {
        BasicFileAttributes attributes = attributes(folder);
        if (attributes != null && attributes.isDirectory()) {
            return;
        }
        if (attributes != null) {
            Files.delete(folder);
        }
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            // Another thread made it meanwhile.
            BasicFileAttributes made = attributes(folder);
            if (made == null || !made.isDirectory()) {
                throw e;
            }
        }
    }

    /** Removes an empty folder, or one with nothing but empty folders in it, from where a file is to be. */
    private void removeFolderAt(Path file) throws IOException {
        BasicFileAttributes attributes = attributes(file);
        if (attributes == null || !attributes.isDirectory()) {
            return;
        }
        if (holdsFiles(file)) {
            throw new EspalierException(
                    "ERR_DIR_NONEMPTY", file + " is to become a file, but is a folder with files in it.");
        }
        removeTree(file);
    }

    private boolean holdsFiles(Path folder) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                BasicFileAttributes attributes = attributes(child);
                if (attributes != null && (!attributes.isDirectory() || holdsFiles(child))) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Removes a folder that is where a mirror has to put a file, with all that is in it. */
    void clearPlace(String path) {
        String normal = DrivePath.normalize(path);
        settle(normal);
        Path file = locate(DrivePath.segments(normal));
        BasicFileAttributes attributes = file == null ? null : attributes(file);
        if (file != null && attributes != null && attributes.isDirectory()) {
            try {
                removeTree(file);
            } catch (IOException e) {
                throw Failures.io("The folder " + file + " cannot be removed: " + reason(e) + ".", e);
            }
        }
    }

    private void removeTree(Path folder) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                BasicFileAttributes attributes = attributes(child);
                if (attributes != null && attributes.isDirectory()) {
                    removeTree(child);
                } else {
                    Files.deleteIfExists(child);
                }
            }
        }
        Files.deleteIfExists(folder);
    }

    /** Removes a temporary file that a process left which is no more; only in a mirror that writes. */
    void dropIfAbandoned(Path temporary, String name) throws IOException {
        if (group != null && FolderOutput.isAbandoned(name)) {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path parentOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException(file + " has no parent");
        }
        return parent;
    }

    /** Why the operating system refused, without the path that the message around it names. */
    static String reason(Throwable e) {
        if (e instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return e instanceof NoSuchFileException
                ? "it does not exist"
                : e.getClass().getSimpleName() + " " + e.getMessage();
    }
}

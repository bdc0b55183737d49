package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code java.nio.file} from one drive. Links are followed as the operating system would where the drive is mirrored
 * to disk: a relative one from the folder that it is in, an absolute one from the root of the drive.
 *
 * <p>Not found by its scheme: a file system is had from the drive. <b>Threading:</b> as the drive.
 */
final class DriveProvider extends FileSystemProvider {

    static final String SCHEME = "espalier-drive";

    /** As Linux has it. */
    private static final int MAX_LINKS = 40;

    private static final Set<OpenOption> READING = Set.of(
            StandardOpenOption.READ,
            StandardOpenOption.SPARSE,
            StandardOpenOption.SYNC,
            StandardOpenOption.DSYNC,
            LinkOption.NOFOLLOW_LINKS);

    private final DriveView tree;

    DriveProvider(DriveView tree) {
        this.tree = tree;
    }

    /** Says which version of what the paths are of. */
    String version() {
        return "version=" + tree.version();
    }

    /** What is at a path of the drive, links followed; a folder has no entry, and the root an empty path. */
    record Node(String path, @Nullable Entry entry) {

        boolean isFolder() {
            return entry == null;
        }
    }

    /** Finds what is at a path; {@code follow} says whether a link in the last place counts as what it leads to. */
    Node node(Path path, boolean follow) throws IOException {
        DriveNioPath place = DriveNioPath.of(path);
        if (!place.getFileSystem().isOpen()) {
            throw new java.nio.file.ClosedFileSystemException();
        }
        try {
            DriveNioPath direct = place.toAbsolutePath().normalize();
            Node found = place.names().contains("..") ? null : find(direct.names());
            return found != null
                            && (found.entry() == null
                                    || !follow
                                    || !found.entry().isLink())
                    ? found
                    : walk(place, follow);
        } catch (EspalierException e) {
            throw failure(path, e);
        }
    }

    private @Nullable Node find(List<String> names) {
        String path = names.isEmpty() ? "" : "/" + String.join("/", names);
        Entry entry = names.isEmpty() ? null : tree.entry(path);
        boolean there = entry != null
                || names.isEmpty()
                || tree.list(path, ListOptions.ALL.limit(1)).iterator().hasNext();
        return there ? new Node(path, entry) : null;
    }

    /** Goes name by name, following links. */
    private Node walk(DriveNioPath path, boolean follow) throws IOException {
        Deque<String> todo = new ArrayDeque<>(path.names());
        List<String> at = new ArrayList<>();
        int links = 0;
        while (!todo.isEmpty()) {
            String name = todo.removeFirst();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                if (!at.isEmpty()) {
                    at.remove(at.size() - 1);
                }
                continue;
            }
            at.add(name);
            Entry entry = tree.entry("/" + String.join("/", at));
            String target = entry == null ? null : entry.linkname();
            if (entry == null || target == null || !entry.isLink() || (todo.isEmpty() && !follow)) {
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new FileSystemLoopException(path.toString());
            }
            if (target.startsWith("/")) {
                at.clear();
            } else {
                at.remove(at.size() - 1);
            }
            String[] names = target.split("/");
            for (int i = names.length - 1; i >= 0; i--) {
                todo.addFirst(names[i]);
            }
        }
        Node found = find(at);
        if (found == null) {
            throw new NoSuchFileException(path.toString());
        }
        return found;
    }

    private static IOException failure(Path path, EspalierException e) {
        if (e.code().equals("ERR_INVALID_INPUT")) {
            return new NoSuchFileException(path.toString(), null, e.getMessage());
        }
        IOException failure = new FileSystemException(path.toString(), null, e.getMessage());
        failure.initCause(e);
        return failure;
    }

    private static boolean follows(LinkOption... options) {
        return !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    // ---- reading

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        if (!READING.containsAll(options)) {
            throw new ReadOnlyFileSystemException();
        }
        Node node = node(path, !options.contains(LinkOption.NOFOLLOW_LINKS));
        Entry entry = node.entry();
        if (entry == null || entry.isLink()) {
            throw new FileSystemException(path.toString(), null, entry == null ? "is a folder" : "is a link");
        }
        try {
            return new DriveByteChannel(tree, entry);
        } catch (EspalierException e) {
            throw failure(path, e);
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path dir, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        Node node = node(dir, true);
        if (!node.isFolder()) {
            throw new NotDirectoryException(dir.toString());
        }
        Iterator<String> names = tree.readdir(node.path()).iterator();
        Iterator<Path> children = new Filtered<>(names, -1, name -> {
            try {
                Path child = dir.resolve(name);
                return filter.accept(child) ? child : null;
            } catch (IOException e) {
                throw new DirectoryIteratorException(e);
            }
        });
        return new DirectoryStream<>() {

            private boolean given;

            @Override
            public Iterator<Path> iterator() {
                if (given) {
                    throw new IllegalStateException("a directory stream is read once");
                }
                given = true;
                return children;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        Entry entry = node(link, false).entry();
        String target = entry == null ? null : entry.linkname();
        if (entry == null || target == null || !entry.isLink()) {
            throw new NotLinkException(link.toString());
        }
        return link.getFileSystem().getPath(target);
    }

    private DriveAttributes attributes(Path path, LinkOption... options) throws IOException {
        Node node = node(path, follows(options));
        Entry entry = node.entry();
        try {
            String target = entry == null ? null : entry.linkname();
            long size = entry == null ? 0 : target == null ? tree.size(entry) : DrivePath.utf8(target).length;
            return new DriveAttributes(node.path(), entry, size);
        } catch (EspalierException e) {
            throw failure(path, e);
        }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
            throw new UnsupportedOperationException("a drive has no " + type.getSimpleName());
        }
        return type.cast(attributes(path, options));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
        int colon = names.indexOf(':');
        String view = colon < 0 ? "basic" : names.substring(0, colon);
        if (!view.equals("basic") && !view.equals("posix")) {
            throw new UnsupportedOperationException("a drive has no attributes of the kind " + view);
        }
        Map<String, Object> all = attributes(path, options).all(view.equals("posix"));
        List<String> wanted = Arrays.asList(names.substring(colon + 1).split(","));
        if (!wanted.contains("*")) {
            for (String name : wanted) {
                if (!all.containsKey(name)) {
                    throw new IllegalArgumentException("a drive has no attribute " + view + ":" + name);
                }
            }
            all.keySet().retainAll(wanted);
        }
        return all;
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return type == BasicFileAttributeView.class || type == PosixFileAttributeView.class
                ? type.cast(new View(path, type == PosixFileAttributeView.class ? "posix" : "basic", options))
                : null;
    }

    /** Attributes of one path, read when asked for. */
    private final class View implements PosixFileAttributeView {

        private final Path path;
        private final String name;
        private final LinkOption[] options;

        View(Path path, String name, LinkOption... options) {
            this.path = path;
            this.name = name;
            this.options = options;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PosixFileAttributes readAttributes() throws IOException {
            return attributes(path, options);
        }

        @Override
        public UserPrincipal getOwner() throws IOException {
            return readAttributes().owner();
        }

        @Override
        public void setTimes(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created) {
            throw new ReadOnlyFileSystemException();
        }

        @Override
        public void setPermissions(Set<PosixFilePermission> permissions) {
            throw new ReadOnlyFileSystemException();
        }

        @Override
        public void setGroup(GroupPrincipal group) {
            throw new ReadOnlyFileSystemException();
        }

        @Override
        public void setOwner(UserPrincipal owner) {
            throw new ReadOnlyFileSystemException();
        }
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        Node node = node(path, true);
        Entry entry = node.entry();
        for (AccessMode mode : modes) {
            if (mode == AccessMode.WRITE || (mode == AccessMode.EXECUTE && entry != null && !entry.executable())) {
                throw new AccessDeniedException(path.toString(), null, "a drive is read only here");
            }
        }
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return path.equals(other)
                || (other instanceof DriveNioPath own
                        && own.getFileSystem() == path.getFileSystem()
                        && node(path, true).path().equals(node(other, true).path()));
    }

    @Override
    public boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    // ---- what a drive cannot do this way

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException("a file system is had from a drive");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException("a file system is had from a drive");
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException("a path is had from the file system of a drive");
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("a drive has no file store");
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attributes) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void delete(Path path) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new ReadOnlyFileSystemException();
    }
}

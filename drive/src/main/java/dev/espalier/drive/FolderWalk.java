package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the files and links of a folder on disk in the order in which a drive would list them: by the UTF-8 bytes of
 * the whole path. Within a folder that means to compare sub-folders with the slash that follows their name.
 *
 * <p>In memory are the children of the folders on the way down. What vanishes meanwhile is left out.
 *
 * <p><b>Threading:</b> one thread.
 */
final class FolderWalk implements Iterator<Entry> {

    /** A child of a folder: a file, a link or a folder. */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    record Child(Path path, String name, BasicFileAttributes attributes, byte[] order) {

        boolean isFolder() {
            return attributes.isDirectory();
        }
    }

    private record Level(String path, Iterator<Child> children) {}

    private final LocalFolder folder;
    private final ListOptions options;
    private final Deque<Level> levels = new ArrayDeque<>();
    private long left;
    private @Nullable Entry next;

    /** Walks what is below {@code start}, whose path in the tree is {@code path} (empty for the root). */
    FolderWalk(LocalFolder folder, Path start, String path, ListOptions options) {
        this.folder = folder;
        this.options = options;
        this.left = options.limit() < 0 ? Long.MAX_VALUE : options.limit();
        enter(start, path);
    }

    private void enter(Path start, String path) {
        Comparator<Child> order = (a, b) -> Arrays.compareUnsigned(a.order, b.order);
        List<Child> children = children(start, path);
        children.sort(options.reverse() ? order.reversed() : order);
        levels.addLast(new Level(path, children.iterator()));
    }

    /** Files, links and folders directly in {@code folder}, own temporary files and ignored ones left out. */
    private List<Child> children(Path start, String path) {
        List<Child> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(start)) {
            for (Path child : stream) {
                String name = name(child, path);
                if (FolderOutput.isTemporary(name)) {
                    folder.dropIfAbandoned(child, name);
                    continue;
                }
                if (options.ignore().test(path + "/" + name)) {
                    continue;
                }
                BasicFileAttributes attributes = folder.attributes(child);
                if (attributes != null && !attributes.isOther()) {
                    String order = attributes.isDirectory() ? name + "/" : name;
                    children.add(new Child(child, name, attributes, DrivePath.utf8(order)));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return children;
        } catch (IOException | DirectoryIteratorException e) {
            throw Failures.io("The folder " + start + " cannot be listed: " + LocalFolder.reason(e) + ".", e);
        }
        return children;
    }

    /** A name that a drive cannot hold may still be ignored. */
    private String name(Path child, String path) {
        try {
            return DiskNames.name(child);
        } catch (EspalierException e) {
            String shown = String.valueOf(child.getFileName());
            if (options.ignore().test(path + "/" + shown)) {
                return shown;
            }
            throw e;
        }
    }

    @Override
    public boolean hasNext() {
        while (next == null && left > 0 && !levels.isEmpty()) {
            Level level = levels.getLast();
            if (!level.children.hasNext()) {
                levels.removeLast();
                continue;
            }
            Child child = level.children.next();
            String path = level.path + "/" + child.name;
            if (!child.isFolder()) {
                next = folder.entry(child.path, path, child.attributes);
            } else if (options.recursive()) {
                enter(child.path, path);
            } else {
                next = first(child, path);
            }
        }
        return next != null && left > 0;
    }

    private @Nullable Entry first(Child child, String path) {
        ListOptions one = new ListOptions(true, options.reverse(), 1, options.ignore());
        FolderWalk below = new FolderWalk(folder, child.path, path, one);
        return below.hasNext() ? below.next() : null;
    }

    @Override
    public Entry next() {
        Entry entry = hasNext() ? next : null;
        if (entry == null) {
            throw new NoSuchElementException();
        }
        next = null;
        left--;
        return entry;
    }

    /** Attributes of a file or link itself; null when there is none. */
    static <A extends BasicFileAttributes> @Nullable A attributes(Path path, Class<A> type) {
        try {
            return Files.readAttributes(path, type, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw Failures.io(path + " cannot be looked at: " + LocalFolder.reason(e) + ".", e);
        }
    }
}

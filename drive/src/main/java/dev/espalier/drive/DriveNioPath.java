package dev.espalier.drive;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path in a {@link DriveFileSystem}: names between slashes. The empty path is one empty name. <b>Threading:</b>
 * immutable.
 */
final class DriveNioPath implements Path {

    private final DriveFileSystem fileSystem;
    private final boolean absolute;
    private final List<String> names;

    DriveNioPath(DriveFileSystem fileSystem, boolean absolute, List<String> names) {
        this.fileSystem = fileSystem;
        this.absolute = absolute;
        this.names = names;
    }

    static DriveNioPath of(Path path) {
        if (path instanceof DriveNioPath own) {
            return own;
        }
        throw new ProviderMismatchException("not a path of a drive: " + path);
    }

    private DriveNioPath with(boolean fromRoot, List<String> others) {
        return new DriveNioPath(fileSystem, fromRoot, !fromRoot && others.isEmpty() ? List.of("") : others);
    }

    private boolean isEmpty() {
        return !absolute && names.size() == 1 && names.get(0).isEmpty();
    }

    List<String> names() {
        return isEmpty() ? List.of() : names;
    }

    @Override
    public DriveFileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable DriveNioPath getRoot() {
        return absolute ? fileSystem.root() : null;
    }

    @Override
    public @Nullable DriveNioPath getFileName() {
        return names.isEmpty() ? null : with(false, names.subList(names.size() - 1, names.size()));
    }

    @Override
    public @Nullable DriveNioPath getParent() {
        if (names.isEmpty() || (!absolute && names.size() == 1)) {
            return null;
        }
        return with(absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public DriveNioPath getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public DriveNioPath subpath(int from, int to) {
        if (from < 0 || to > names.size() || from >= to) {
            throw new IllegalArgumentException("no names " + from + " to " + to + " in " + this);
        }
        return with(false, names.subList(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DriveNioPath path
                && path.fileSystem == fileSystem
                && path.absolute == absolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof DriveNioPath path) || path.fileSystem != fileSystem) {
            return false;
        }
        int from = names.size() - path.names.size();
        return path.absolute
                ? equals(path)
                : from >= 0 && names.subList(from, names.size()).equals(path.names);
    }

    @Override
    public DriveNioPath normalize() {
        List<String> kept = new ArrayList<>();
        for (String name : names()) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.get(kept.size() - 1).equals("..")) {
                kept.remove(kept.size() - 1);
            } else if (!name.equals(".") && !(up && absolute)) {
                kept.add(name);
            }
        }
        return with(absolute, List.copyOf(kept));
    }

    @Override
    public DriveNioPath resolve(Path other) {
        DriveNioPath path = of(other);
        if (path.absolute || isEmpty()) {
            return path;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(path.names());
        return with(absolute, List.copyOf(all));
    }

    @Override
    public DriveNioPath relativize(Path other) {
        DriveNioPath path = of(other);
        if (path.absolute != absolute) {
            throw new IllegalArgumentException("one of " + this + " and " + other + " is absolute, the other is not");
        }
        List<String> own = names();
        List<String> theirs = path.names();
        int common = 0;
        while (common < own.size() && common < theirs.size() && own.get(common).equals(theirs.get(common))) {
            common++;
        }
        if (own.subList(common, own.size()).contains("..")) {
            throw new IllegalArgumentException("the way from " + this + " to " + other + " is not known");
        }
        List<String> way = new ArrayList<>();
        for (int i = common; i < own.size(); i++) {
            way.add("..");
        }
        way.addAll(theirs.subList(common, theirs.size()));
        return with(false, List.copyOf(way));
    }

    @Override
    public URI toUri() {
        try {
            return new URI(
                    DriveProvider.SCHEME,
                    null,
                    toAbsolutePath().toString(),
                    fileSystem.provider().version(),
                    null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public DriveNioPath toAbsolutePath() {
        return absolute ? this : new DriveNioPath(fileSystem, true, names());
    }

    @Override
    public DriveNioPath toRealPath(LinkOption... options) throws IOException {
        String real = fileSystem
                .provider()
                .node(this, !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS))
                .path();
        return fileSystem.getPath(real.isEmpty() ? "/" : real);
    }

    @Override
    public WatchKey register(
            WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.@Nullable Modifier... modifiers) {
        throw new UnsupportedOperationException("use Drive.watch");
    }

    @Override
    public int compareTo(Path other) {
        return Arrays.compareUnsigned(
                DrivePath.utf8(toString()), DrivePath.utf8(of(other).toString()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DriveNioPath path
                && path.fileSystem == fileSystem
                && path.absolute == absolute
                && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return 31 * names.hashCode() + Boolean.hashCode(absolute);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", names);
    }
}

package dev.espalier.drive;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A drive as {@code java.nio.file} sees it, to be read; made by {@link DriveView#fileSystem}.
 *
 * <p>Closing it only closes this view; the drive stays open.
 *
 * <p><b>Threading:</b> as the drive below.
 */
final class DriveFileSystem extends FileSystem {

    private final DriveProvider provider;
    private final DriveNioPath root = new DriveNioPath(this, true, List.of());
    private volatile boolean open = true;

    DriveFileSystem(DriveView tree) {
        this.provider = new DriveProvider(tree);
    }

    DriveNioPath root() {
        return root;
    }

    @Override
    public DriveProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root);
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "posix");
    }

    @Override
    public DriveNioPath getPath(String first, String... more) {
        String text = more.length == 0 ? first : first + "/" + String.join("/", more);
        List<String> names = Arrays.stream(text.split("/", -1))
                .filter(name -> !name.isEmpty())
                .toList();
        // An empty first part does not make the rest absolute.
        boolean absolute = first.isEmpty()
                ? Arrays.stream(more)
                        .filter(part -> !part.isEmpty())
                        .findFirst()
                        .orElse("")
                        .startsWith("/")
                : first.startsWith("/");
        if (!absolute && names.isEmpty()) {
            names = List.of("");
        }
        return new DriveNioPath(this, absolute, names);
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        int colon = syntaxAndPattern.indexOf(':');
        String syntax = colon < 0 ? "" : syntaxAndPattern.substring(0, colon);
        String text = syntaxAndPattern.substring(colon + 1);
        Pattern pattern = switch (syntax.toLowerCase(java.util.Locale.ROOT)) {
            case "glob" -> Glob.compile(text);
            case "regex" -> Pattern.compile(text);
            case "" -> throw new IllegalArgumentException("not syntax:pattern: " + syntaxAndPattern);
            default -> throw new UnsupportedOperationException("the syntax " + syntax + " is not known");
        };
        return path -> pattern.matcher(path.toString()).matches();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("a drive has no users");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("use Drive.watch");
    }
}

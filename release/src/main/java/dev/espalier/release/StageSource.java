package dev.espalier.release;

import dev.espalier.drive.BlobId;
import dev.espalier.drive.Entry;
import dev.espalier.drive.FileStamp;
import dev.espalier.drive.FileTree;
import dev.espalier.drive.ListOptions;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorOp;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A folder as {@code stage} sees it: links inside the folder are links, links that leave it are what they lead to,
 * because nobody else has that. A link that leads nowhere stays a link.
 *
 * <p><b>Threading:</b> as {@link LocalFolder}.
 */
final class StageSource implements FileTree {

    /** How deep links out of the folder may lead to folders with links out of them. */
    private static final int MAX_NESTING = 8;

    private final LocalFolder folder;
    private final Path root;
    private final int nesting;

    StageSource(Path root) {
        this(root.toAbsolutePath().normalize(), 0);
    }

    private StageSource(Path root, int nesting) {
        if (nesting > MAX_NESTING) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "Links out of the folder lead in circles, at last to " + root + ".");
        }
        this.folder = LocalFolder.of(root);
        this.root = root;
        this.nesting = nesting;
    }

    /** Paths at which staging a project would change a drive. */
    static List<String> differing(Project project, FileTree drive, Steps steps) throws IOException {
        List<String> differing = new ArrayList<>();
        Mirror.from(new StageSource(project.folder()))
                .ignore(IgnoreRules.of(project.folder(), project.stageList("ignore")))
                .against(drive)
                .run(op -> {
                    steps.checkCancelled();
                    if (op.type() != MirrorOp.Type.EQUAL) {
                        differing.add(op.path());
                    }
                });
        return differing;
    }

    @Override
    public @Nullable Entry entry(String path) {
        Entry entry = folder.entry(path);
        if (entry != null) {
            Path target = outside(entry);
            if (target == null) {
                return entry;
            }
            return Files.isDirectory(target) ? null : asFile(entry, target);
        }
        Place place = behindLink(path);
        return place == null ? null : rename(place.tree().entry(place.path()), place.link());
    }

    @Override
    public Iterable<Entry> list(String start, ListOptions options) {
        Place place = behindLink(start);
        if (place != null) {
            ListOptions inner = options.ignoring(path -> options.ignore().test(place.link() + path));
            return () -> renamed(place.tree().list(place.path(), inner).iterator(), place.link());
        }
        return () -> new Expanding(folder.list(start, options).iterator(), options);
    }

    @Override
    public Iterable<String> readdir(String start) {
        Place place = behindLink(start);
        return place == null ? folder.readdir(start) : place.tree().readdir(place.path());
    }

    @Override
    public long size(Entry entry) {
        return entry.blob() == null ? 0 : entry.blob().byteLength();
    }

    @Override
    public InputStream newInputStream(Entry entry, long start, long length) {
        Entry own = folder.entry(entry.path());
        if (own != null) {
            Path target = outside(own);
            if (target == null) {
                return folder.newInputStream(own, start, length);
            }
            LocalFolder beside = besideOf(target);
            Entry file = beside.entry("/" + target.getFileName());
            return beside.newInputStream(required(file, entry.path()), start, length);
        }
        Place place = behindLink(entry.path());
        if (place == null) {
            throw gone(entry.path());
        }
        return place.tree().newInputStream(required(place.tree().entry(place.path()), entry.path()), start, length);
    }

    @Override
    public @Nullable FileStamp stamp(Entry entry) {
        return folder.stamp(entry);
    }

    /** Where the entry, a link, really leads if that is out of the folder and something is there; else null. */
    private @Nullable Path outside(Entry entry) {
        if (!entry.isLink()) {
            return null;
        }
        Path link = root.resolve(entry.path().substring(1));
        try {
            Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
            return target.startsWith(root) || !Files.exists(target) ? null : target.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Entry asFile(Entry link, Path target) {
        Entry file = besideOf(target).entry("/" + target.getFileName());
        BlobId bytes = required(file, link.path()).blob();
        return new Entry(0, link.path(), required(file, link.path()).executable(), null, bytes, null);
    }

    private static LocalFolder besideOf(Path target) {
        Path parent = target.getParent();
        return LocalFolder.of(parent == null ? target : parent);
    }

    /** A path behind a link out of the folder: the link, the tree it leads to, and the path in there. */
    private record Place(String link, StageSource tree, String path) {}

    private @Nullable Place behindLink(String path) {
        for (int slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash);
            if (Files.isSymbolicLink(root.resolve(parent.substring(1)))) {
                Entry link = folder.entry(parent);
                Path target = link == null ? null : outside(link);
                return target == null || !Files.isDirectory(target)
                        ? null
                        : new Place(parent, new StageSource(target, nesting + 1), path.substring(slash));
            }
        }
        return null;
    }

    private static @Nullable Entry rename(@Nullable Entry entry, String prefix) {
        return entry == null
                ? null
                : new Entry(
                        0, prefix + entry.path(), entry.executable(), entry.linkname(), entry.blob(), entry.metadata());
    }

    private static Iterator<Entry> renamed(Iterator<Entry> entries, String prefix) {
        List<Entry> all = new ArrayList<>();
        entries.forEachRemaining(entry -> all.add(rename(entry, prefix)));
        return all.iterator();
    }

    private static Entry required(@Nullable Entry entry, String path) {
        if (entry == null) {
            throw gone(path);
        }
        return entry;
    }

    private static EspalierException gone(String path) {
        return new EspalierException("ERR_NOT_FOUND", "The file " + path + " went away while it was being staged.");
    }

    /** Puts in place of each link out of the folder what it leads to. */
    private final class Expanding implements Iterator<Entry> {

        private final Iterator<Entry> own;
        private final ListOptions options;
        private Iterator<Entry> behind = List.<Entry>of().iterator();
        private @Nullable Entry next;

        Expanding(Iterator<Entry> own, ListOptions options) {
            this.own = own;
            this.options = options;
        }

        @Override
        public boolean hasNext() {
            while (next == null && !behind.hasNext() && own.hasNext()) {
                Entry entry = own.next();
                Path target = outside(entry);
                if (target == null) {
                    next = entry;
                } else if (Files.isDirectory(target)) {
                    behind = list(entry.path() + "/", options).iterator();
                } else {
                    next = asFile(entry, target);
                }
            }
            return next != null || behind.hasNext();
        }

        @Override
        public Entry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (next == null) {
                return behind.next();
            }
            Entry entry = next;
            next = null;
            return entry;
        }
    }
}

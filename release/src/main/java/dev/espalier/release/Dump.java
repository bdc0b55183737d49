package dev.espalier.release;

import dev.espalier.drive.Download;
import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorResult;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.BlockTraffic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes what a link means to a folder, or hands it out file by file (release specification §3.5). */
public final class Dump {

    private Dump() {}

    /**
     * Where to, and what of it.
     *
     * @param dir the folder; null to hand files to the sink instead
     * @param dryRun whether only to tell what the folder lacks
     * @param checkout the version; null for the link's, or the newest
     * @param only folders or files below the link's path and no others; empty for all. Nothing is removed then
     * @param force whether the folder may hold something
     * @param list whether only to tell names; needs no {@code dir}
     * @param prune whether to remove from the folder what the link does not have
     * @param network peers to fetch from
     */
    public record Options(
            @Nullable Path dir,
            boolean dryRun,
            @Nullable Long checkout,
            List<String> only,
            boolean force,
            boolean list,
            boolean prune,
            NetworkOptions network) {

        /** Checks the version; keeps its own copy. */
        public Options {
            if (checkout != null && checkout < 0) {
                throw new EspalierException("ERR_INVALID_INPUT", "A version is 0 or more, not " + checkout + ".");
            }
            only = List.copyOf(only);
        }

        /** All of the link's version to a folder that is empty or not there. */
        public static Options to(Path dir, NetworkOptions network) {
            return new Options(dir, false, null, List.of(), false, false, true, network);
        }

        /** The same, into a folder that may hold something, which is made equal. */
        public Options forced() {
            return new Options(dir, dryRun, checkout, only, true, list, prune, network);
        }
    }

    /** Takes files one after the other. */
    @FunctionalInterface
    public interface Sink {

        /** The next file or link; {@code bytes} is empty for a link and closed by the caller. */
        void file(String path, Entry entry, InputStream bytes) throws IOException;
    }

    /**
     * Begins.
     *
     * @param link what is dumped
     * @param dir where to; {@code -} for the sink
     */
    public record Dumping(Link link, String dir) implements Event {
        @Override
        public String tag() {
            return "dumping";
        }
    }

    /** A name, of a listing. */
    public record Listed(String key, @Nullable String value) implements Event {
        @Override
        public String tag() {
            return "file";
        }
    }

    /**
     * What was fetched so far.
     *
     * @param bytes bytes of blocks
     * @param blocks blocks
     * @param speed bytes a second since the numbers before
     * @param progress what part of the wanted blocks is here, 0 to 1
     */
    public record Fetched(long bytes, long blocks, long speed, double progress) {}

    /** What was sent meanwhile. */
    public record Sent(long bytes, long blocks) {}

    /** Numbers while fetching, once a second, and once at the end. */
    public record Stats(int peers, Fetched download, Sent upload) implements Event {
        @Override
        public String tag() {
            return "stats";
        }
    }

    /**
     * How it ended.
     *
     * @param dryRun whether nothing was written
     * @param link the version that was dumped, as link; the folder's for a link of this machine
     * @param files files and links looked at
     * @param add how many the folder lacked
     * @param remove how many it had too many
     * @param change how many differed
     * @param downloadedBlocks blocks that came from peers of this operation
     * @param downloadedBytes bytes of those
     */
    public record Result(
            boolean dryRun,
            Link link,
            long files,
            long add,
            long remove,
            long change,
            long downloadedBlocks,
            long downloadedBytes) {}

    static Result run(LogStore store, Link link, Options options, Sink sink, Steps steps) throws IOException {
        if (options.dir() != null && !options.list()) {
            checkTarget(options.dir(), options.force() || options.dryRun());
        }
        Key key = link.drive() == null ? null : link.drive().key();
        if (key == null) {
            return new Dumper(link, options, sink, steps).dumpFolder();
        }
        Network.requireSomebody(store, key, options.network());
        try (Drive drive = Drive.open(store, key)) {
            Dumper dumper = new Dumper(link, options, sink, steps);
            dumper.begin();
            try (Network network = Network.open(steps, store, options.network())) {
                return dumper.dumpDrive(drive, network);
            }
        }
    }

    private static void checkTarget(Path dir, boolean mayHold) throws IOException {
        if (Files.exists(dir) && !Files.isDirectory(dir)) {
            throw new EspalierException("ERR_INVALID_INPUT", dir + " is a file, not a folder to dump into.");
        }
        if (!mayHold && Files.isDirectory(dir)) {
            try (Stream<Path> files = Files.list(dir)) {
                if (files.findAny().isPresent()) {
                    throw new EspalierException(
                            "ERR_DIR_NONEMPTY",
                            dir + " is not empty; --force makes it equal, removing what is not in the link.");
                }
            }
        }
    }

    /** One run. */
    private static final class Dumper {

        private final Link link;
        private final Options options;
        private final Sink sink;
        private final Steps steps;
        private BlockTraffic before = BlockTraffic.NONE;
        private long beforeNanos = System.nanoTime();

        Dumper(Link link, Options options, Sink sink, Steps steps) {
            this.link = link;
            this.options = options;
            this.sink = sink;
            this.steps = steps;
        }

        Result dumpFolder() throws IOException {
            begin();
            Path path = Path.of(link.decodedPath());
            if (!Files.exists(path)) {
                throw new EspalierException("ERR_NOT_FOUND", "There is no file or folder " + path + ".");
            }
            boolean file = !Files.isDirectory(path);
            Path root = file && path.getParent() != null ? path.getParent() : path;
            String inside = file ? "/" + path.getFileName() : "/";
            return dump(LocalFolder.of(root), inside, link, null);
        }

        Result dumpDrive(Drive drive, Network network) throws IOException {
            long version = LinkVersion.learn(link, options.checkout(), drive, network, steps);
            Duration patience = options.network().timeout();
            if (!patience.isZero()) {
                drive.blockTimeout(patience);
            }
            String path = link.decodedPath();
            DriveCheckout view = drive.checkout(version);
            if (!options.list() && !options.dryRun()) {
                fetch(view, prefixes(path), network);
            }
            return dump(view, path, Link.of(drive.key(), drive.fork(), version), network);
        }

        private void begin() {
            String dir = options.dir() == null || options.list()
                    ? "-"
                    : options.dir().toString();
            steps.emit(new Dumping(link, dir));
            if (options.dryRun()) {
                steps.emit(new DryRun());
            }
        }

        private List<String> prefixes(String path) {
            String base = path.equals("/") ? "" : path;
            return options.only().isEmpty()
                    ? List.of(path)
                    : options.only().stream()
                            .map(item -> base + (item.startsWith("/") ? item : "/" + item))
                            .toList();
        }

        private void fetch(DriveCheckout view, List<String> paths, Network network) {
            List<Download> downloads = new ArrayList<>();
            try {
                for (String path : paths) {
                    downloads.add(view.download(path));
                }
                CompletableFuture<?> all = CompletableFuture.allOf(
                        downloads.stream().map(Download::done).toArray(CompletableFuture[]::new));
                network.await(all, "files of " + link, () -> tell(downloads, network, false));
                tell(downloads, network, true);
            } finally {
                downloads.forEach(Download::close);
            }
        }

        private void tell(List<Download> downloads, Network network, boolean last) {
            long held = downloads.stream().mapToLong(Download::heldBlocks).sum();
            long total = downloads.stream().mapToLong(Download::totalBlocks).sum();
            steps.progress("fetching", held, Math.max(total, 1), false);
            long now = System.nanoTime();
            if (!last && now - beforeNanos < 1_000_000_000L) {
                return;
            }
            BlockTraffic traffic = network.traffic().blocks();
            if (last && traffic.blocksIn() == 0) {
                return;
            }
            double seconds = Math.max(1e-3, (now - beforeNanos) / 1e9);
            long speed = Math.round((traffic.bytesIn() - before.bytesIn()) / seconds);
            before = traffic;
            beforeNanos = now;
            double progress = total == 0 ? 1 : Math.round(1000.0 * held / total) / 1000.0;
            steps.emit(new Stats(
                    network.peers().size(),
                    new Fetched(traffic.bytesIn(), traffic.blocksIn(), speed, progress),
                    new Sent(traffic.bytesOut(), traffic.blocksOut())));
        }

        private Result dump(FileTree source, String path, Link dumped, @Nullable Network network) throws IOException {
            List<String> prefixes = prefixes(path);
            boolean file = options.only().isEmpty() && !path.equals("/") && source.exists(path);
            if (!path.equals("/") && !file && !source.list(path).iterator().hasNext()) {
                throw new EspalierException("ERR_NOT_FOUND", "There is nothing at " + path + " in " + link + ".");
            }
            MirrorResult done = options.list() || options.dir() == null
                    ? handOut(source, prefixes)
                    : mirror(source, prefixes, LocalFolder.of(options.dir()), file);
            steps.emit(new Complete(options.dryRun()));
            BlockTraffic traffic =
                    network == null ? BlockTraffic.NONE : network.traffic().blocks();
            return new Result(
                    options.dryRun(),
                    dumped,
                    done.files(),
                    done.added(),
                    done.removed(),
                    done.changed(),
                    traffic.blocksIn(),
                    traffic.bytesIn());
        }

        private MirrorResult mirror(FileTree source, List<String> prefixes, LocalFolder target, boolean file) {
            Mirror mirror = Mirror.from(source)
                    .to(target)
                    .dryRun(options.dryRun())
                    .prune(options.prune() && options.only().isEmpty() && !file);
            if (!prefixes.equals(List.of("/"))) {
                mirror.prefix(prefixes);
            }
            return mirror.run(new MirrorTeller(steps, "writing"));
        }

        private MirrorResult handOut(FileTree source, List<String> prefixes) throws IOException {
            long files = 0;
            for (String prefix : prefixes) {
                Entry exact = prefix.equals("/") ? null : source.entry(prefix);
                Iterable<Entry> entries = exact == null ? source.list(prefix) : List.of(exact);
                for (Entry entry : entries) {
                    steps.checkCancelled();
                    files++;
                    if (options.list()) {
                        steps.emit(new Listed(entry.path(), null));
                    } else if (!options.dryRun()) {
                        try (InputStream bytes = source.newInputStream(entry, 0, Long.MAX_VALUE)) {
                            sink.file(entry.path(), entry, bytes);
                        }
                    }
                }
            }
            return new MirrorResult(files, 0, 0, 0, 0, 0);
        }
    }
}

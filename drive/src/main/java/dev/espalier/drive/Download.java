package dev.espalier.drive;

import dev.espalier.log.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of some files on their way here: the tree is listed once, then all blocks are asked for.
 *
 * <p><b>Threading:</b> all methods from any thread.
 */
public final class Download implements AutoCloseable {

    private final DriveView view;
    private final CompletableFuture<Download> done = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> parts = new ArrayList<>();
    private volatile long files;

    /** Blocks wanted, start to end, once the listing is through. */
    private volatile Map<Long, Long> wanted = Map.of();

    private volatile @Nullable Log log;

    private Download(DriveView view) {
        this.view = view;
    }

    static Download start(DriveView view, String path) {
        Download download = new Download(view);
        return download.start(() -> {
            boolean isFolder = path.isEmpty() || path.endsWith("/");
            Entry file = isFolder ? null : view.entry(path);
            return file == null ? view.list(path) : List.of(file);
        });
    }

    /** Fetches the bytes of entries of a view. */
    static Download start(DriveView view, Iterable<Entry> entries) {
        return new Download(view).start(() -> entries);
    }

    private interface Listing {
        Iterable<Entry> entries();
    }

    private Download start(Listing listing) {
        Thread thread = new Thread(() -> run(listing), "espalier-download");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    private void run(Listing listing) {
        try {
            NavigableMap<Long, Long> ranges = new TreeMap<>();
            List<BlobId> maps = new ArrayList<>();
            long seen = 0;
            for (Entry entry : listing.entries()) {
                checkWanted();
                files = ++seen;
                BlobId blob = entry.blob();
                if (blob != null && blob.blockLength() > 0) {
                    add(ranges, blob.blockOffset(), blob.blockOffset() + blob.blockLength());
                    if (blob.blockMap()) {
                        maps.add(blob);
                    }
                }
            }
            if (!ranges.isEmpty()) {
                Blobs blobs = view.blobStore();
                log = blobs.log();
                addMapped(blobs, maps, ranges);
                wanted = ranges;
                fetch(blobs.log(), ranges);
            }
            done.complete(this);
        } catch (CompletionException e) {
            done.completeExceptionally(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    private void checkWanted() {
        if (done.isDone()) {
            throw new CancellationException("the download was closed");
        }
    }

    private void addMapped(Blobs blobs, List<BlobId> maps, NavigableMap<Long, Long> ranges) {
        for (BlobId id : maps) {
            checkWanted();
            BlockMap map = blobs.map(id);
            for (int i = 0; i < map.count(); i++) {
                add(ranges, map.index(i), map.index(i) + 1);
            }
        }
    }

    /** Adds a range, joined with those that it touches. */
    private static void add(NavigableMap<Long, Long> ranges, long start, long end) {
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = ranges.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        Map.Entry<Long, Long> after = ranges.higherEntry(from);
        while (after != null && after.getKey() <= to) {
            to = Math.max(to, after.getValue());
            ranges.remove(after.getKey());
            after = ranges.higherEntry(from);
        }
        ranges.put(from, to);
    }

    private void fetch(Log blobs, Map<Long, Long> ranges) {
        synchronized (parts) {
            for (Map.Entry<Long, Long> range : ranges.entrySet()) {
                checkWanted();
                parts.add(blobs.download(range.getKey(), range.getValue()));
            }
        }
        for (CompletableFuture<Void> part : parts) {
            part.join();
        }
    }

    /** Completes with this when all is here, exceptionally when it cannot be had. */
    public CompletableFuture<Download> done() {
        return done.copy();
    }

    /** Files and links seen so far; final once the listing is through. */
    public long files() {
        return files;
    }

    /** Blocks of these files, whether they were here before or not; 0 until the listing is through. */
    public long totalBlocks() {
        long total = 0;
        for (Map.Entry<Long, Long> range : wanted.entrySet()) {
            total += range.getValue() - range.getKey();
        }
        return total;
    }

    /** Blocks of these files that are here. */
    public long heldBlocks() {
        Log blobs = log;
        long held = 0;
        for (Map.Entry<Long, Long> range : wanted.entrySet()) {
            held += blobs == null ? 0 : Blobs.held(blobs, range.getKey(), range.getValue());
        }
        return held;
    }

    /** Withdraws what is still wanted; {@link #done} is cancelled unless it was done. */
    @Override
    public void close() {
        if (done.cancel(false)) {
            synchronized (parts) {
                parts.forEach(part -> part.cancel(false));
            }
        }
    }
}

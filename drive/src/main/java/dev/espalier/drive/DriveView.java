package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What can be read of a drive: its newest version ({@link Drive}), a fixed one ({@link Drive#checkout}), a version with
 * staged changes ({@link DriveBatch}).
 *
 * <p>Entries may be passed to any view of the same drive.
 *
 * <p><b>Threading:</b> any number of threads; a {@link DriveBatch} is for one.
 */
public abstract sealed class DriveView implements FileTree permits Drive, DriveBatch, DriveCheckout {

    /** Steps after which {@link #resolve} gives up. */
    public static final int MAX_LINK_STEPS = 16;

    /** Largest array that is made before the bytes for it were seen. */
    private static final int FIRST_CHUNK = 1 << 20;

    DriveView() {}

    /** The tree to be read now. */
    abstract TreeView tree();

    /** The bytes of files; waits for a reader to learn where they are. */
    abstract Blobs blobStore();

    /** Whether all blocks of both logs are here, as far as they are known. */
    abstract boolean isHeld();

    /** Number of db blocks this view reads, at least 1; 0 as long as nothing of the drive is known here. */
    public abstract long version();

    @Override
    public @Nullable Entry entry(String path) {
        TreeItem item = tree().get(EntryCodec.key(DrivePath.normalize(path)));
        return item == null ? null : EntryCodec.entry(item);
    }

    /**
     * The entry at {@code path} with links followed, at most {@link #MAX_LINK_STEPS} of them. As in JavaScript a relative
     * link starts from the path of the link itself: {@code /x/l} to {@code a} is {@code /x/l/a}.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} for a longer chain of links, or one that leads above the root
     */
    public @Nullable Entry resolve(String path) {
        String at = path;
        for (int i = 0; i < MAX_LINK_STEPS; i++) {
            Entry entry = entry(at);
            String target = entry == null ? null : entry.linkname();
            if (entry == null || target == null || target.isEmpty()) {
                return entry;
            }
            at = DrivePath.resolve(entry.path(), target);
        }
        throw Failures.invalidInput(
                "Recursive symlink: " + path + " leads through more than " + MAX_LINK_STEPS + " links.");
    }

    @Override
    public Iterable<Entry> list(String folder, ListOptions options) {
        String normal = DrivePath.folder(folder);
        TreeView tree = tree();
        if (!options.recursive()) {
            return () -> new Filtered<>(new ShallowList(tree, normal, options), -1, ShallowList.Child::entry);
        }
        KeyRange range = EntryCodec.below(normal);
        return entries(tree, options.reverse() ? range.reversed() : range, options);
    }

    private static Iterable<Entry> entries(TreeView tree, KeyRange range, ListOptions options) {
        return () -> new Filtered<>(tree.range(range).iterator(), options.limit(), item -> {
            Entry entry = EntryCodec.entry(item);
            return options.ignore().test(entry.path()) ? null : entry;
        });
    }

    @Override
    public Iterable<String> readdir(String folder) {
        String normal = DrivePath.folder(folder);
        TreeView tree = tree();
        return () -> new Filtered<>(new ShallowList(tree, normal, ListOptions.SHALLOW), -1, ShallowList.Child::name);
    }

    /** Entries by path, not by folder. */
    public Iterable<Entry> entries(PathRange range) {
        return entries(tree(), EntryCodec.range(range), ListOptions.ALL);
    }

    @Override
    public boolean keepsMetadata() {
        return true;
    }

    @Override
    public long size(Entry entry) {
        BlobId blob = entry.blob();
        if (blob == null) {
            return 0;
        }
        return blob.blockMap() ? blobStore().size(blob) : blob.byteLength();
    }

    @Override
    public InputStream newInputStream(Entry entry, long start, long length) {
        BlobId blob = entry.blob();
        // An empty file needs no log, which a reader may not even know yet.
        if (blob == null || blob.byteLength() == 0 || blob.blockLength() == 0) {
            return InputStream.nullInputStream();
        }
        return blobStore().open(blob, start, length);
    }

    @Override
    public byte[] get(Entry entry) {
        long size = size(entry);
        if (size > MAX_ARRAY) {
            throw Failures.invalidInput(
                    entry.path() + " has " + size + " bytes, too many for an array: read it as a stream.");
        }
        try (InputStream in = newInputStream(entry, 0, Long.MAX_VALUE)) {
            return readAll(in, (int) size);
        } catch (IOException e) {
            throw Failures.io(entry.path() + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** Reads {@code size} bytes, or fewer when the stream ends; a size that is a lie costs little. */
    private static byte[] readAll(InputStream in, int size) throws IOException {
        byte[] bytes = new byte[Math.min(size, FIRST_CHUNK)];
        int filled = in.readNBytes(bytes, 0, bytes.length);
        while (filled == bytes.length && filled < size) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(size, 2L * filled));
            filled += in.readNBytes(bytes, filled, bytes.length - filled);
        }
        return filled == bytes.length ? bytes : Arrays.copyOf(bytes, filled);
    }

    /**
     * This view as {@code java.nio.file} knows it, so that code which reads files can read a drive:
     *
     * <pre>{@code
     * try (Stream<Path> all = Files.walk(drive.checkout(42).fileSystem().getPath("/"))) { all.forEach(out::println); }
     * }</pre>
     *
     * <p>Read only. Folders are what paths have in common; where a file has the name of a folder, the file is seen. Links
     * are followed as where the drive is mirrored to disk, unlike {@link #resolve}: a relative one from the folder that it
     * is in. Permissions are those a mirror would set; times are all 1970. What fails in a drive is an {@link IOException}
     * here. Of a {@link Drive} each call sees the newest version: take a checkout to have all from one.
     */
    public FileSystem fileSystem() {
        return new DriveFileSystem(this);
    }

    /**
     * Gives up the bytes of the file at {@code path}: entry and tree stay, and the bytes can be fetched again from whoever
     * has them. Blocks that a deduplicated file shares with others are given up for those, too. Waits for nobody: where
     * the entry itself is not known here, that is {@code ERR_NOT_FOUND}.
     *
     * @return blocks that were held and are no more; 0 where there is no file, or a link
     */
    public abstract long clear(String path);

    static long clear(DriveView impatient, String path) {
        Entry entry = impatient.entry(path);
        BlobId blob = entry == null ? null : entry.blob();
        return blob == null || blob.blockLength() == 0
                ? 0
                : impatient.blobStore().clear(blob);
    }

    /** What a batch that was killed left, to be taken over by the files that are written; null for nothing. */
    @Nullable
    Leftover leftover() {
        return null;
    }

    /** Writes a file of which {@code put} makes an entry. */
    EntryOutput output(String path, PutOptions options, Consumer<Entry> put) {
        String normal = DrivePath.normalize(path);
        Blobs blobs = blobStore();
        BlobSink sink = options.dedup() ? new DedupWriter(blobs, blobAt(normal)) : blobs.writer(leftover());
        return new DriveOutput(sink, normal, options, put);
    }

    /** Appends the bytes of a file; the entry is not put yet. */
    Entry stored(String path, ByteBuffer bytes, PutOptions options) {
        String normal = DrivePath.normalize(path);
        Blobs blobs = blobStore();
        BlobId blob = options.dedup() ? blobs.putDedup(bytes, blobAt(normal)) : blobs.put(bytes);
        return new Entry(0, normal, options.executable(), null, blob, options.metadata());
    }

    private @Nullable BlobId blobAt(String path) {
        Entry entry = entry(path);
        return entry == null ? null : entry.blob();
    }

    /**
     * Fetches the bytes of a file, or of all files below a folder; an entry wins over a folder unless the path ends with a
     * slash. Returns at once.
     */
    public Download download(String path) {
        return Download.start(this, path);
    }

    /** Fetches the bytes of these entries of this view. Returns at once. */
    public Download download(Iterable<Entry> entries) {
        return Download.start(this, entries);
    }

    /**
     * Whether all bytes of the file at {@code path}, or of all files below that folder, are held here. An entry wins over
     * a folder unless the path ends with a slash; false for links and where there is nothing.
     */
    public boolean has(String path) {
        boolean isFolder = path.isEmpty() || path.endsWith("/");
        Entry file = isFolder ? null : entry(path);
        if (file != null) {
            return file.blob() != null && has(file.blob());
        }
        boolean any = false;
        for (Entry entry : list(path)) {
            any = true;
            if (entry.blob() != null && !has(entry.blob())) {
                return false;
            }
        }
        return any;
    }

    private boolean has(BlobId blob) {
        return blob.blockLength() == 0 || blobStore().has(blob);
    }
}

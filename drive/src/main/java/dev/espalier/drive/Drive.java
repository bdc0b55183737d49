package dev.espalier.drive;

import dev.espalier.log.Atom;
import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogOptions;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A tree of files in two logs (drive specification §3): the newest version of it, and the right to write where the
 * store holds the key pair.
 *
 * <p>Reading sees the newest version known here; {@link #update} asks peers whether there is a newer one. Opening never
 * waits for the network.
 *
 * <p><b>Threading:</b> safe for any number of threads; writers take turns.
 */
public final class Drive extends DriveView implements WritableTree, AutoCloseable {

    /** How long a first read of a drive of which nothing is here waits for peers to tell its length. */
    private static final Duration FIRST_UPDATE = Duration.ofSeconds(30);

    private static final String DB = "db";

    private final LogStore store;
    private final Log db;
    private final LogOptions options;
    private final Patience patience = new Patience();
    private final WriterLock lock;
    private final BTree tree;
    private volatile @Nullable Blobs blobs;

    private Drive(LogStore store, Log db, LogOptions options) {
        this.store = store;
        this.db = db;
        this.options = options;
        this.lock = WriterLock.of(store, db, "a batch of this drive");
        byte[] contentFeed = null;
        if (db.writable() && db.length() == 0) {
            Manifest manifest = manifest();
            Manifest derived = DriveKeys.blobsManifest(manifest, db.key());
            Log log = seen(derived == null ? store.log(db.id() + "/blobs") : store.log(derived, db));
            contentFeed = derived == null ? log.key().bytes() : null;
            this.blobs = new Blobs(store, log, patience);
        } else if (db.has(0)) {
            openHeldBlobs();
        }
        this.tree = new BTree(patience.tree(db), TreeHeader.of(contentFeed, null), lock);
    }

    // ---- opening

    /** The own drive called {@code name}, that is, the one of the store's namespace of that name. */
    public static Drive open(LogStore store, String name) {
        return open(store.namespace(name));
    }

    /** The own drive of a namespace; give each drive a namespace of its own. */
    public static Drive open(LogStore namespace) {
        return open(namespace, LogOptions.PLAIN);
    }

    /** The drive with this key: writable when the store holds its key pair, else for reading. */
    public static Drive open(LogStore store, Key key) {
        return open(store, key, LogOptions.PLAIN);
    }

    /** The own drive of a namespace, both of its logs encrypted as {@code options} say. */
    public static Drive open(LogStore namespace, LogOptions options) {
        return open(namespace, namespace.log(DB, options), options);
    }

    /** The drive with this key, both of its logs encrypted as {@code options} say. */
    public static Drive open(LogStore store, Key key, LogOptions options) {
        return open(store, store.log(key, options), options);
    }

    /** The same log through the encryption of this drive. */
    private Log seen(Log log) {
        try (log) {
            return log.session(options);
        }
    }

    private static Drive open(LogStore store, Log db, LogOptions options) {
        try {
            return new Drive(store, db, options);
        } catch (RuntimeException | Error e) {
            db.close();
            throw e;
        }
    }

    private Manifest manifest() {
        Manifest manifest = db.manifest();
        if (manifest == null) {
            throw Failures.corrupt("The db " + db.key() + " has blocks, but no manifest.");
        }
        return manifest;
    }

    /** Opens the blobs of a drive whose header is here. One of somebody else that makes no sense fails when it is used. */
    private void openHeldBlobs() {
        try {
            openBlobs(db.get(0));
        } catch (EspalierException e) {
            if (db.writable()) {
                throw e;
            }
        }
    }

    /** Opens the blobs that the header in block 0 of the db names, or that follow from the manifest. */
    private synchronized Blobs openBlobs(byte[] block0) {
        Blobs known = blobs;
        if (known != null) {
            return known;
        }
        byte[] feed = TreeHeader.decode(block0).contentFeed();
        Log log;
        if (feed != null) {
            if (feed.length < Key.BYTES) {
                throw Failures.corrupt("The header of drive " + db.key() + " names its blobs by " + feed.length
                        + " bytes, expected 32.");
            }
            log = seen(store.log(Key.of(Arrays.copyOf(feed, Key.BYTES))));
        } else {
            Manifest derived = DriveKeys.blobsManifest(manifest(), db.key());
            if (derived == null) {
                throw Failures.corrupt("The drive " + db.key() + " is of the old kind, but names no blobs.");
            }
            log = seen(store.log(derived, db));
        }
        Blobs opened = new Blobs(store, log, patience);
        blobs = opened;
        return opened;
    }

    @Override
    Blobs blobStore() {
        return blobStore(patience);
    }

    Blobs blobStore(Patience limit) {
        Blobs known = blobs;
        return (known != null ? known : openBlobs(limit.get(db, 0))).within(limit);
    }

    // ---- identity

    /** The key of the db, by which others open the drive. */
    public Key key() {
        return db.key();
    }

    /** The key as text. */
    public String id() {
        return db.id();
    }

    /** Under which peers look for the drive. */
    public Key discoveryKey() {
        return db.discoveryKey();
    }

    /** The key of the blobs; empty as long as a reader has not got the first block of the db. */
    public Optional<Key> contentKey() {
        return blobs == null && !db.has(0)
                ? Optional.empty()
                : Optional.of(blobStore().log().key());
    }

    /**
     * Whether the key of the blobs stands in the first block of the db, as in drives of the old kind, and does not follow
     * from the key of the drive. The blocks of such a db mean these blobs under any key. A reader waits for that block.
     */
    public boolean namesBlobs() {
        return TreeHeader.decode(patience.get(db, 0)).contentFeed() != null;
    }

    /** Whether this store holds the key pair. */
    public boolean writable() {
        return db.writable();
    }

    /** The log of entries. Belongs to the drive: not to be closed. */
    public Log db() {
        return db;
    }

    /** The log of bytes. Belongs to the drive: not to be closed. A reader waits for the first block of the db. */
    public Log blobs() {
        return blobStore().log();
    }

    /** The tree in the db: entries have keys that begin with {@code files} and a zero byte, others are free. */
    public BTree btree() {
        return tree;
    }

    // ---- state

    @Override
    public long version() {
        long length = db.length();
        return length == 0 && db.writable() ? 1 : length;
    }

    /** How often the drive was truncated: the fork of the db. */
    public long fork() {
        return db.fork();
    }

    /**
     * Limits how long a read waits for each block that is not here. Zero: not at all; the default is no limit.
     *
     * @return this drive
     */
    public Drive blockTimeout(Duration limit) {
        patience.limit(limit);
        return this;
    }

    /** Asks peers for a newer version, at most this long; true when there was one. */
    public boolean update(Duration timeout) {
        return db.update(timeout);
    }

    @Override
    TreeSnapshot tree() {
        awaitLength(patience.limit());
        return tree.snapshot();
    }

    /** Fails when nothing of the drive is known here after this time. */
    private void awaitLength(@Nullable Duration limit) {
        if (db.length() == 0 && !db.writable()) {
            if (!Duration.ZERO.equals(limit)) {
                db.update(limit == null ? FIRST_UPDATE : limit);
            }
            if (db.length() == 0) {
                throw Failures.notFound(
                        "Nothing of drive " + db.key() + " is known here: no peer had it, or there is nobody to ask.");
            }
        }
    }

    @Override
    boolean isHeld() {
        Blobs known = blobs;
        return db.writable()
                || (known != null
                        && db.has(0, db.length())
                        && known.log().has(0, known.log().length()));
    }

    TreeSnapshot snapshot(long version) {
        return tree.checkout(version);
    }

    // ---- writing

    void requireWritable() {
        if (!db.writable()) {
            throw Failures.notWritable(
                    "Drive " + db.key() + " cannot be written here: this store does not hold its key pair.");
        }
    }

    @Override
    public Drive put(String path, byte[] bytes) {
        return put(path, ByteBuffer.wrap(bytes), PutOptions.NONE);
    }

    /**
     * {@inheritDoc}
     *
     * @throws EspalierException {@code ERR_NOT_WRITABLE} at once without the key pair, as all methods that write
     */
    @Override
    public Drive put(String path, ByteBuffer bytes, PutOptions options) {
        requireWritable();
        return putEntry(stored(path, bytes, options));
    }

    @Override
    public EntryOutput newOutputStream(String path, PutOptions options) {
        requireWritable();
        return output(path, options, this::putEntry);
    }

    /** Puts an entry whose bytes are already in the blobs; {@code seq} does not matter. */
    public Drive putEntry(Entry entry) {
        requireWritable();
        tree.put(EntryCodec.key(DrivePath.normalize(entry.path())), EntryCodec.value(entry));
        return this;
    }

    @Override
    public Drive symlink(String path, String linkname) {
        return symlink(path, linkname, null);
    }

    /** Puts a symbolic link with metadata. */
    public Drive symlink(String path, String linkname, @Nullable JsonText metadata) {
        return putEntry(new Entry(0, path, false, linkname, null, metadata));
    }

    @Override
    public Drive delete(String path) {
        requireWritable();
        tree.delete(EntryCodec.key(DrivePath.normalize(path)));
        return this;
    }

    /** Starts changes that become visible in one step. */
    public DriveBatch batch() {
        requireWritable();
        return new DriveBatch(this, tree.batch());
    }

    /**
     * Makes {@code version} the newest one again and drops what came later, bytes of files included. The forks of both
     * logs go up by one, in one step that is durable on return. Version 0 drops the header, too, but no bytes of files.
     *
     * @throws EspalierException {@code BAD_ARGUMENT} beyond the present version, {@code ERR_NOT_FOUND} inside a batch,
     *     {@code ERR_CHANGED} when somebody writes to one of the logs by hand meanwhile
     */
    public void truncate(long version) {
        requireWritable();
        lock.acquire();
        try {
            if (version < 0 || version > db.length()) {
                throw Failures.badArgument("Cannot truncate drive " + db.key() + " to version " + version
                        + ", it has version " + db.length() + ".");
            }
            long blobsLength = blobsLength(version);
            Blobs bytes = blobStore();
            bytes.lock().acquire();
            try {
                try (Atom both = store.atom()) {
                    both.truncate(db, version);
                    both.truncate(bytes.log(), blobsLength);
                    both.commit(Durability.DATA);
                }
            } finally {
                bytes.lock().release();
            }
        } finally {
            lock.release();
        }
    }

    @Override
    public long clear(String path) {
        return clear(within(Duration.ZERO), path);
    }

    /**
     * Gives up the bytes of all files of all versions; entries stay. See {@link #clear}.
     *
     * @return blocks that were held and are no more
     */
    public long clearAll() {
        if (blobs == null && !db.has(0)) {
            return 0;
        }
        Blobs bytes = blobStore();
        return bytes.clear(0, bytes.log().length());
    }

    /**
     * Closes this drive and deletes both of its logs from the store; other handles on them are closed, too. A drive of
     * one's own is not to be written again afterwards: see {@link LogStore#purge}.
     */
    public void purge() {
        Key key = db.key();
        Key content = contentKey().orElse(null);
        close();
        store.purge(key);
        if (content != null) {
            store.purge(content);
        }
    }

    // ---- versions

    /** The drive as it was at {@code version}; 0 means 1, the empty drive. A reader waits for blocks beyond its length. */
    public DriveCheckout checkout(long version) {
        return new DriveCheckout(this, tree.checkout(version), patience);
    }

    /** The present version, whose reads wait at most this long for each block that is not here; zero: not at all. */
    public DriveCheckout within(Duration limit) {
        awaitLength(limit);
        return checkout(version(), limit);
    }

    DriveCheckout checkout(long version, Duration limit) {
        Patience own = new Patience();
        own.limit(limit);
        return new DriveCheckout(this, new TreeSnapshot(new TreeBlocks(own.tree(db)), version), own);
    }

    /**
     * A path that differs between two versions.
     *
     * @param current the entry in the version asked, null when it has none
     * @param other the entry in the version compared with, null when it has none
     */
    public record Change(@Nullable Entry current, @Nullable Entry other) {

        /** The path. */
        public String path() {
            Entry any = current == null ? other : current;
            if (any == null) {
                throw new IllegalStateException("a change of nothing");
            }
            return any.path();
        }
    }

    /** What differs in all of the drive between now and {@code other}. */
    public Iterable<Change> diff(long other) {
        return diff(other, "/");
    }

    /** What differs below {@code folder} between now and version {@code other}, in path order. Rewritten is different. */
    public Iterable<Change> diff(long other, String folder) {
        return changes(tree(), tree.checkout(other), folder);
    }

    /** Fetches the bytes of what is below {@code folder} now and was not, or was another, in version {@code other}. */
    public Download downloadDiff(long other, String folder) {
        return downloadChanged(this, diff(other, folder));
    }

    static Download downloadChanged(DriveView view, Iterable<Change> changes) {
        return view.download(() -> new Filtered<>(changes.iterator(), -1, Change::current));
    }

    static Iterable<Change> changes(TreeSnapshot current, TreeSnapshot other, String folder) {
        return changes(current, other, EntryCodec.below(DrivePath.folder(folder)));
    }

    static Iterable<Change> changes(TreeSnapshot current, TreeSnapshot other, KeyRange range) {
        return () -> new Filtered<>(
                current.diff(other, range).iterator(),
                -1,
                difference -> new Change(entryOf(difference.left()), entryOf(difference.right())));
    }

    private static @Nullable Entry entryOf(@Nullable TreeItem item) {
        return item == null ? null : EntryCodec.entry(item);
    }

    /**
     * One change of the drive's history.
     *
     * @param seq the block that holds it
     * @param entry what was put; null when the path was deleted
     */
    public record HistoryItem(
            long seq, String path, @Nullable Entry entry) {}

    /** Changes in the order they were made, in blocks {@code from} (0 or 1: the first) to {@code to - 1}. */
    public Iterable<HistoryItem> history(long from, long to) {
        return history(HistoryRange.of(from, to));
    }

    /** Changes that led to the present version. Each iteration reads as it goes. */
    public Iterable<HistoryItem> history(HistoryRange range) {
        return history(tree(), range);
    }

    static Iterable<HistoryItem> history(TreeSnapshot snapshot, HistoryRange range) {
        return () -> new Filtered<>(snapshot.history(range.limit(-1)).iterator(), range.limit(), change -> {
            TreeItem item = change.item();
            if (!EntryCodec.isEntry(item.key())) {
                return null;
            }
            Entry entry = change.isDeletion() ? null : EntryCodec.entry(item);
            return new HistoryItem(item.seq(), EntryCodec.path(item.key()), entry);
        });
    }

    /**
     * Number of blobs blocks that {@code version} needs: what its entries reach, which may be less than was there. Of
     * version 0 it is all that are there now. A reader fetches all of that version of the db, and waits for blocks beyond
     * its length.
     */
    public long blobsLength(long version) {
        if (version == 0) {
            return blobs().length();
        }
        long known = Math.min(version, db.length());
        CompletableFuture<Void> ahead = db.has(0, known) ? null : db.download(0, known);
        try {
            long length = 0;
            for (Entry entry : checkout(version).entries(PathRange.ALL)) {
                BlobId blob = entry.blob();
                if (blob != null) {
                    length = Math.max(length, blob.blockOffset() + blob.blockLength());
                }
            }
            return length;
        } finally {
            if (ahead != null) {
                ahead.cancel(false);
            }
        }
    }

    /** Watches what changes below {@code folder} from now on. */
    public DriveWatch watch(String folder) {
        return new DriveWatch(this, EntryCodec.below(DrivePath.folder(folder)));
    }

    /** Watches the file or link at {@code path}, whether it exists or not, from now on. */
    public DriveWatch watchEntry(String path) {
        byte[] key = EntryCodec.key(DrivePath.normalize(path));
        return new DriveWatch(this, KeyRange.ALL.from(key).to(key));
    }

    /** Tells all changes from block {@code from} on, those to come, too. */
    public DriveTail tail(long from) {
        return new DriveTail(this, Math.max(1, from));
    }

    /** Closes this handle; the store and its logs stay open for others. */
    @Override
    public void close() {
        Blobs opened = blobs;
        try {
            if (opened != null) {
                opened.log().close();
            }
        } finally {
            db.close();
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.StoreKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A folder of many logs whose keys follow from one primary key.
 *
 * <p>One process has a store open at a time. Logs are opened when they are asked for and closed with their last handle.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class LogStore implements AutoCloseable {

    private final OpenStore store;
    private final Hash namespace;
    private final boolean root;

    private LogStore(OpenStore store, Hash namespace, boolean root) {
        this.store = store;
        this.namespace = namespace;
        this.root = root;
    }

    /**
     * Opens the store in {@code folder}, made if it is not there.
     *
     * @throws EspalierException ERR_STORE_IN_USE with pid when another process, or another part of this one, holds it
     */
    public static LogStore open(Path folder) {
        return open(folder, StoreOptions.defaults());
    }

    /**
     * Opens a store as {@code options} say.
     *
     * @throws EspalierException ERR_STORE_IN_USE; ERR_NOT_FOUND for an absent store that is not to be made; BAD_ARGUMENT
     *     for another primary key; ERR_UNSUPPORTED_VERSION for a store of a newer version; ERR_CORRUPT; ERR_STORAGE
     */
    public static LogStore open(Path folder, StoreOptions options) {
        return open(folder, options, new FileStorage(MappingMode.best()), LogFiles.Segments.DEFAULT);
    }

    /** For tests: other storage, other lengths of segments. */
    static LogStore open(Path folder, StoreOptions options, Storage storage, LogFiles.Segments segments) {
        return new LogStore(OpenStore.open(folder, options, storage, segments), StoreKeys.DEFAULT_NAMESPACE, true);
    }

    /** Where the store lies. */
    public Path folder() {
        return store.folder();
    }

    /** A view of the same store in which names mean other logs; closing it closes nothing. */
    public LogStore namespace(String name) {
        return new LogStore(store, StoreKeys.namespace(namespace, name), false);
    }

    /** Namespace of this view: H(parent ‖ name), 32 zero bytes at the root. */
    public Hash namespace() {
        return namespace;
    }

    /** The own log of a name, made if it is not there: key pair derived from primary key, namespace and name. */
    public Log log(String name) {
        return store.named(namespace, name);
    }

    /** The own log of a name, seen as {@code options} say. */
    public Log log(String name, LogOptions options) {
        return seen(log(name), options);
    }

    /** The log of a key: writable when its key pair is known here, else a sparse reader, made if it is not there. */
    public Log log(Key key) {
        return store.keyed(key);
    }

    /** The log of a key, seen as {@code options} say. */
    public Log log(Key key, LogOptions options) {
        return seen(log(key), options);
    }

    private static Log seen(Log log, LogOptions options) {
        try (log) {
            return log.session(options);
        }
    }

    /** The log with this manifest, for reading, or for what is signed elsewhere or by nobody. */
    public Log log(Manifest manifest) {
        return store.described(manifest, null);
    }

    /** The log with this manifest; {@code signer} (or null) is the key pair that appends to it, kept in the store. */
    public Log log(Manifest manifest, @Nullable KeyPair signer) {
        return store.described(manifest, signer);
    }

    /**
     * The log with this manifest, appended to by whoever appends to {@code like}: that log's key pair, or where it comes
     * from, is kept for this one, too. A reader when {@code like} is one.
     */
    public Log log(Manifest manifest, Log like) {
        return store.describedLike(manifest, like.signerSource());
    }

    /**
     * The log of a key with the key pair that appends to it, kept in the store. Where the key is the pair's public key, it
     * is a log of the old kind, as JavaScript made them before manifests; else the manifest must be known already, or come
     * from a peer, for the log to become writable.
     */
    public Log log(Key key, KeyPair signer) {
        return store.signed(key, signer);
    }

    /**
     * A static log with the blocks that {@code log} has now, as they are stored: nobody can change it, and its key names
     * exactly these blocks. Where the log is encrypted, the copy is read with the block key ({@link
     * LogOptions#encryptedWithBlockKey}), since the usual one follows from the key of the log.
     *
     * @throws EspalierException ERR_NOT_FOUND when a block is not held here, BAD_ARGUMENT for a log without blocks
     */
    public Log staticify(Log log) {
        try (Log stored = log.session(LogOptions.PLAIN);
                LogSnapshot now = stored.snapshot()) {
            if (now.length() == 0) {
                throw new EspalierException(
                        "BAD_ARGUMENT", "Log " + log.key() + " has no blocks to make a static log of.");
            }
            Log copy = log(Manifest.builder()
                    .prologue(new Prologue(now.treeHash(), now.length()))
                    .build());
            try {
                if (copy.length() < now.length()) {
                    now.readAll(copy::append);
                }
            } catch (RuntimeException e) {
                copy.close();
                throw e;
            }
            return copy;
        }
    }

    /** Key pair that {@link #log(String)} uses for a name. */
    public KeyPair keyPair(String name) {
        return store.keyPair(namespace, name);
    }

    /** Opens a stored log by discovery key; empty when it is not stored. Never creates. */
    public Optional<Log> stored(Key discoveryKey) {
        return Optional.ofNullable(store.stored(discoveryKey));
    }

    /** The same with a handle as {@link Log#guest} gives it. */
    public Optional<Log> storedGuest(Key discoveryKey) {
        return Optional.ofNullable(store.storedGuest(discoveryKey));
    }

    /** Whether a log with this key is stored. */
    public boolean contains(Key key) {
        return store.contains(key.discoveryKey());
    }

    /** Discovery keys of all stored logs, in the order of their bytes. */
    public List<Key> discoveryKeys() {
        return store.discoveryKeys();
    }

    /**
     * Calls {@code listener} for each log that is in use now, and for each one that comes into use later, by its first
     * handle or by its first one after a time with {@linkplain Log#guest guests} only, on the thread that opens the handle.
     * The handle passed does not keep the log open and need not be closed; take a {@link Log#guest} or {@link Log#session}
     * of it to keep the log, a {@link LogListener} to hear of its end. Closing the result ends it.
     */
    public AutoCloseable onOpened(Consumer<Log> listener) {
        return store.onOpened(listener);
    }

    /**
     * Adds a log from a file that {@link Log#exportTo} wrote. Whoever made the file: nothing is kept that its signed head
     * does not prove. The log counts as {@linkplain Log#restored restored}.
     *
     * @return a handle on the log
     * @throws EspalierException ERR_EXISTS when the log is in this store already; ERR_UNSUPPORTED_VERSION
     * @throws CorruptLogException when it is no such file, is cut off, or something in it does not hold; nothing was added
     */
    public Log importLog(Path file) {
        return log(ExportFile.read(store, file));
    }

    /**
     * Deletes a log with all its files, durable on return; false when it is not stored. Handles on it are closed first,
     * whoever has them.
     *
     * <p>A log of one's own is not to be written again afterwards: peers may hold blocks that it had, and would take what
     * is signed in their place for a fraud.
     */
    public boolean purge(Key key) {
        return store.purge(key.discoveryKey());
    }

    /**
     * What is left of a log that fails to open with {@link CorruptLogException}, read-only; empty when the store has no log
     * of this key. Close it before opening the log again.
     *
     * @throws IllegalStateException when the log is open
     * @throws CorruptLogException when one of its files is missing or is not what its header should say
     */
    public Optional<DamagedLog> damaged(Key key) {
        return Optional.ofNullable(store.damaged(key.discoveryKey()));
    }

    /** Begins a change of several logs that happens as a whole. */
    public Atom atom() {
        return new Atom(store);
    }

    /**
     * Makes durable what was acknowledged so far, by all logs of the store and their branches: after this it survives a loss
     * of power, whatever {@link Durability} it was written with. Blocks until the device confirmed it.
     *
     * @throws StorageException when one of the logs could not be forced; the others are, all the same
     */
    public void sync() {
        store.sync();
    }

    /** Sets whom logs of this store ask for what they lack; null for nobody. One at a time. */
    public void source(@Nullable BlockSource source) {
        store.source(source);
    }

    /** Whom logs of this store ask; null for nobody. */
    public @Nullable BlockSource source() {
        return store.source();
    }

    /** For this package: what all views of the store share. */
    OpenStore open() {
        return store;
    }

    /** Closes all logs and gives the lock back; nothing for the view of a namespace. */
    @Override
    public void close() {
        if (root) {
            store.close();
        }
    }

    @Override
    public String toString() {
        return "LogStore[" + folder() + "]";
    }
}

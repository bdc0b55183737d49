package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.StoreKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open store, shared by all its namespaces: the lock, the primary key, and the logs that are open now.
 *
 * <p><b>Threading:</b> any thread. Opening and closing of logs happens one at a time under this object's lock; users are
 * called without it.
 */
final class OpenStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenStore.class);

    /** A log is in the store already. */
    static final String EXISTS = "ERR_EXISTS";

    private final Path folder;
    private final StoreOptions options;
    private final Storage storage;
    private final LogFiles.Segments segments;
    private final StoreLock lock;
    private final byte[] primaryKey;
    private final LogOpener opener;
    private final Journal journal;
    private final Map<Key, Shared> open = new HashMap<>();
    private final List<Consumer<Log>> openedListeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable BlockSource source;
    private volatile boolean closed;

    /** An open log, the number of handles on it, and how many of those are of users. */
    private static final class Shared {

        private final LogCore core;
        private int handles;
        private int users;

        Shared(LogCore core) {
            this.core = core;
        }
    }

    private OpenStore(
            Path folder,
            StoreOptions options,
            Storage storage,
            StoreLock lock,
            byte[] primaryKey,
            Journal journal,
            LogFiles.Segments segments) {
        this.folder = folder;
        this.options = options;
        this.storage = storage;
        this.segments = segments;
        this.lock = lock;
        this.primaryKey = primaryKey;
        this.journal = journal;
        this.opener = new LogOpener(storage, segments, new MappedLogs(options.mappedLogs()), primaryKey);
    }

    static OpenStore open(Path folder, StoreOptions options, Storage storage, LogFiles.Segments segments) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new StorageException("Cannot open the store " + folder + ": it is not a folder.", folder, null);
        }
        if (!options.create() && !storage.exists(StoreFile.file(folder))) {
            throw new EspalierException(LogCore.NOT_FOUND, "There is no store in " + folder + ".");
        }
        storage.createFolders(folder);
        StoreLock lock = StoreLock.acquire(folder);
        try {
            StoreUpgrade.run(storage, folder);
            byte[] primaryKey = StoreFile.open(storage, folder, options);
            Journal journal = Journal.open(storage, folder, segments);
            return new OpenStore(folder, options, storage, lock, primaryKey, journal, segments);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    Path folder() {
        return folder;
    }

    /** What makes changes of several steps happen as a whole. */
    Journal journal() {
        return journal;
    }

    Durability durability() {
        return options.durability();
    }

    @Nullable
    BlockSource source() {
        return source;
    }

    void source(@Nullable BlockSource next) {
        source = next;
    }

    KeyPair keyPair(Hash namespace, String name) {
        return StoreKeys.keyPair(primaryKey, namespace, name);
    }

    // ---- logs

    Log named(Hash namespace, String name) {
        return handle(() -> {
            Key known = NameFile.read(storage, folder, namespace, name);
            if (known != null) {
                Shared shared = find(known);
                if (shared != null) {
                    return shared;
                }
            }
            Manifest manifest = Manifest.singleSigner(keyPair(namespace, name).publicKey());
            Key discoveryKey = manifest.key().discoveryKey();
            if (known != null && !known.equals(discoveryKey)) {
                throw new EspalierException(
                        LogCore.NOT_FOUND,
                        "The name \"" + name + "\" means the log with discovery key " + known.hex()
                                + ", which is not in the store " + folder + ".");
            }
            Shared shared = findOrCreate(manifest.key(), manifest, new Identity.Derived(namespace, name));
            NameFile.write(storage, folder, namespace, name, discoveryKey);
            return shared;
        });
    }

    Log keyed(Key key) {
        return handle(() -> findOrCreate(key, null, null));
    }

    Log described(Manifest manifest, @Nullable KeyPair signer) {
        return handle(() -> findOrCreate(manifest.key(), manifest, signer == null ? null : new Identity.Given(signer)));
    }

    Log describedLike(Manifest manifest, Identity.@Nullable SignerSource signer) {
        return handle(() -> findOrCreate(manifest.key(), manifest, signer));
    }

    Log signed(Key key, KeyPair signer) {
        Manifest manifest = key.equals(signer.publicKey()) ? Manifest.singleSigner(key) : null;
        return handle(() -> findOrCreate(key, manifest, new Identity.Given(signer)));
    }

    @Nullable
    Log stored(Key discoveryKey) {
        return handleOrNull(() -> find(discoveryKey), LogOptions.PLAIN, Log.Kind.USER);
    }

    @Nullable
    Log storedGuest(Key discoveryKey) {
        return handleOrNull(() -> find(discoveryKey), LogOptions.PLAIN, Log.Kind.GUEST);
    }

    boolean contains(Key discoveryKey) {
        checkOpen();
        return storage.exists(LogFolder.of(folder, discoveryKey).file(FileKind.IDENTITY));
    }

    List<Key> discoveryKeys() {
        checkOpen();
        List<Key> keys = new ArrayList<>();
        Path logs = folder.resolve("logs");
        for (String part : storage.list(logs)) {
            for (String name : storage.list(logs.resolve(part))) {
                if (name.matches("[0-9a-f]{64}")) {
                    Key key = Key.of(HexFormat.of().parseHex(name));
                    if (contains(key)) {
                        keys.add(key);
                    }
                }
            }
        }
        keys.sort(null);
        return keys;
    }

    /** The log if it is open or stored. */
    private @Nullable Shared find(Key discoveryKey) {
        Shared shared = open.get(discoveryKey);
        if (shared == null) {
            journal.checkSettled(discoveryKey);
            LogCore core = opener.open(LogFolder.of(folder, discoveryKey));
            if (core != null) {
                shared = opened(discoveryKey, core);
            }
        }
        return shared;
    }

    private Shared opened(Key discoveryKey, LogCore core) {
        Shared shared = new Shared(core);
        open.put(discoveryKey, shared);
        core.member().wake();
        return shared;
    }

    /** The log with what is given here and was not known before added to its identity, or a new one. */
    private Shared findOrCreate(Key key, @Nullable Manifest manifest, Identity.@Nullable SignerSource signer) {
        Key discoveryKey = key.discoveryKey();
        Shared shared = find(discoveryKey);
        if (shared == null) {
            LogFolder place = LogFolder.of(folder, discoveryKey);
            return opened(discoveryKey, opener.create(place, Identity.of(key, manifest, signer)));
        }
        shared.core.identity(known -> {
            Identity next = known;
            if (known.manifest() == null && manifest != null) {
                next = next.withManifest(manifest);
            }
            if (known.signer() == null && signer != null) {
                next = next.withSigner(signer);
            }
            return next;
        });
        return shared;
    }

    /** Finds a log under the lock. */
    private interface Finder<T extends @Nullable Shared> {
        T find();
    }

    private Log handle(Finder<Shared> finder) {
        return handle(finder, LogOptions.PLAIN, Log.Kind.USER);
    }

    private Log handle(Finder<Shared> finder, LogOptions options, Log.Kind kind) {
        Log log = handleOrNull(finder, options, kind);
        if (log == null) {
            throw new IllegalStateException("no log");
        }
        return log;
    }

    private @Nullable Log handleOrNull(Finder<? extends @Nullable Shared> finder, LogOptions options, Log.Kind kind) {
        Shared shared;
        boolean first;
        synchronized (this) {
            checkOpen();
            shared = finder.find();
            if (shared == null) {
                return null;
            }
            shared.handles++;
            first = kind == Log.Kind.USER && shared.users++ == 0;
        }
        if (first) {
            openedListeners.forEach(listener -> call(listener, shared.core));
        }
        return new Log(this, shared.core, options, kind);
    }

    /** Another handle on an open log. */
    Log handle(LogCore core, LogOptions options, Log.Kind kind) {
        Finder<Shared> same = () -> {
            Shared shared = open.get(core.key().discoveryKey());
            if (shared == null || shared.core != core) {
                throw new IllegalStateException("log " + core.key() + " is closed");
            }
            return shared;
        };
        return handle(same, options, kind);
    }

    synchronized boolean used(LogCore core) {
        Shared shared = open.get(core.key().discoveryKey());
        return shared != null && shared.core == core && shared.users > 0;
    }

    /** Gives one handle back; the last one closes the log. */
    void release(LogCore core, Log.Kind kind) {
        boolean unused;
        synchronized (this) {
            Key discoveryKey = core.key().discoveryKey();
            Shared shared = open.get(discoveryKey);
            if (shared == null || shared.core != core) {
                return;
            }
            unused = kind == Log.Kind.USER && --shared.users == 0;
            if (--shared.handles == 0) {
                // Closed under the lock: until then nobody may open the same files a second time.
                open.remove(discoveryKey);
                core.closeFiles();
                unused = false;
            } else if (!unused) {
                return;
            }
        }
        if (unused) {
            core.events().unused();
        } else {
            core.events().closed();
        }
    }

    /** A log as it was at one moment, kept; with a handle that keeps it open. */
    record Kept(Log log, Identity identity, Frozen frozen) implements AutoCloseable {

        @Override
        public void close() {
            log.core().snapshots().forget(frozen);
            log.close();
        }
    }

    /** All logs, kept as they are at one and the same moment: a change of several logs is in all of them or in none. */
    List<Kept> keepAll() {
        List<Kept> kept = new ArrayList<>();
        List<Log> handles = new ArrayList<>();
        synchronized (this) {
            List<LogCore> cores = new ArrayList<>();
            int locked = 0;
            try {
                // In the order in which an atom takes their locks.
                for (Key discoveryKey : discoveryKeys()) {
                    Shared shared = find(discoveryKey);
                    if (shared != null) {
                        shared.handles++;
                        handles.add(new Log(this, shared.core, LogOptions.PLAIN, Log.Kind.GUEST));
                        cores.add(shared.core);
                    }
                }
                for (LogCore core : cores) {
                    core.writing().lock();
                    locked++;
                }
                for (int i = 0; i < locked; i++) {
                    LogCore core = cores.get(i);
                    kept.add(new Kept(
                            handles.get(i), core.identity(), core.snapshots().take(core.head())));
                }
                return kept;
            } finally {
                cores.subList(0, locked).forEach(core -> core.writing().unlock());
                if (kept.size() < handles.size()) {
                    OpenFiles.closeAll(new ArrayList<AutoCloseable>(handles));
                }
            }
        }
    }

    /** A log that is not stored yet, made with this identity. The handle does not make it count as used. */
    Log made(Identity identity) {
        Finder<Shared> maker = () -> {
            Key discoveryKey = identity.key().discoveryKey();
            if (find(discoveryKey) != null) {
                throw new EspalierException(
                        EXISTS, "Log " + identity.key() + " is in the store " + folder + " already.");
            }
            return opened(discoveryKey, opener.create(LogFolder.of(folder, discoveryKey), identity));
        };
        return handle(maker, LogOptions.PLAIN, Log.Kind.GUEST);
    }

    /** Makes names mean what they mean in another store. */
    void copyNames(OpenStore from) {
        Path names = folder.resolve("names");
        storage.createFolders(names);
        for (String name : from.storage.list(from.folder.resolve("names"))) {
            byte[] content = from.storage.read(from.folder.resolve("names").resolve(name), 1 << 20);
            if (content != null && name.matches("[0-9a-f]{64}")) {
                storage.replace(names.resolve(name), content, false);
            }
        }
    }

    /** A new store with the same primary key. */
    OpenStore emptyCopy(Path place) {
        StoreOptions same = StoreOptions.defaults().withPrimaryKey(primaryKey).withMappedLogs(options.mappedLogs());
        return open(place, same, storage, segments);
    }

    /** What is left of a log that is not open; null when there is none. */
    synchronized @Nullable DamagedLog damaged(Key discoveryKey) {
        checkOpen();
        if (open.containsKey(discoveryKey)) {
            throw new IllegalStateException("the log is open: it can be read, audited and repaired as it is");
        }
        return opener.openDamaged(LogFolder.of(folder, discoveryKey));
    }

    /** Deletes the files of a log, which it closes; false when there is none. */
    boolean purge(Key discoveryKey) {
        Shared shared;
        synchronized (this) {
            if (!contains(discoveryKey)) {
                return false;
            }
            journal.checkSettled(discoveryKey);
            shared = open.remove(discoveryKey);
            if (shared != null) {
                shared.core.closeFiles();
            }
            LogFolder place = LogFolder.of(folder, discoveryKey);
            LogFiles.delete(storage, place);
            Branches.deleteAll(storage, place);
        }
        if (shared != null) {
            shared.core.events().closed();
        }
        return true;
    }

    /** Forces all that was written to open logs; goes on after a failure, and throws the first. */
    void sync() {
        List<AutoCloseable> parts = new ArrayList<>();
        synchronized (this) {
            checkOpen();
            open.values().forEach(shared -> parts.add(shared.core::syncIfOpen));
        }
        OpenFiles.closeAll(parts);
    }

    // ---- who hears of opened logs

    AutoCloseable onOpened(Consumer<Log> listener) {
        List<LogCore> now;
        synchronized (this) {
            checkOpen();
            openedListeners.add(listener);
            now = open.values().stream()
                    .filter(shared -> shared.users > 0)
                    .map(shared -> shared.core)
                    .toList();
        }
        now.forEach(core -> call(listener, core));
        return () -> openedListeners.remove(listener);
    }

    private void call(Consumer<Log> listener, LogCore core) {
        try {
            listener.accept(new Log(this, core, LogOptions.PLAIN, Log.Kind.WEAK));
        } catch (RuntimeException e) {
            LOG.warn("A listener for opened logs failed", e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the store " + folder + " is closed");
        }
    }

    /** Closes all logs, then gives the lock back. */
    @Override
    public void close() {
        List<LogCore> cores;
        List<AutoCloseable> parts = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            cores = open.values().stream().map(shared -> shared.core).toList();
            open.clear();
            cores.forEach(core -> parts.add(core::closeFiles));
        }
        parts.add(journal);
        parts.add(lock);
        try {
            OpenFiles.closeAll(parts);
        } finally {
            cores.forEach(core -> core.events().closed());
        }
    }
}

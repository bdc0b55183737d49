package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code journal} file of a store: what is about to be done to one or several logs in more than one step. It is
 * written before the first step and emptied after the last; opening a store does again what it still holds. So the change
 * is made as a whole or not at all, wherever the process ends.
 *
 * <pre>
 *  0 +------------------------------+
 *    | file header                  |
 * 64 +------------------------------+
 *    | u32 bytes of the record,     |
 *    | 0 = nothing is being done    |
 * 68 +------------------------------+
 *    | u32 CRC32C of the record     |
 * 72 +------------------------------+
 *    | record: uint 1 = forced,     |
 *    | uint count, changes          |
 *    +------------------------------+
 * </pre>
 *
 * <p>A record with another checksum was not written to its end: no step was made then. One that came back with the power,
 * though it was done, is told by the sequence number of its head: a log that is as far or further is left alone.
 *
 * <p><b>Threading:</b> any thread; one change at a time. Whoever takes this lock and those of logs takes this one last.
 */
final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** Most bytes of a record: some million blocks. */
    static final int MAX_RECORD = 64 << 20;

    private static final int LENGTH_AT = FileHeader.BYTES;
    private static final int RECORD_AT = LENGTH_AT + 8;

    private final Storage storage;
    private final Path path;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable StorageFile file;

    /** Logs of a change that failed halfway: nobody opens them before the store was opened again. */
    private volatile Set<Key> unsettled = Set.of();

    private Journal(Storage storage, Path path) {
        this.storage = storage;
        this.path = path;
    }

    /** The journal of a store, whose logs are all closed; what it holds is done again first. */
    static Journal open(Storage storage, Path store, LogFiles.Segments segments) {
        Journal journal = new Journal(storage, store.resolve(FileKind.JOURNAL.fileName()));
        byte[] all = storage.read(journal.path, RECORD_AT + MAX_RECORD);
        // A journal that was made but never forced may have come back from a loss of power without its content.
        if (all != null && all.length >= RECORD_AT && !FileHeader.isAbsent(all)) {
            FileHeader.decode(journal.path, all, FileKind.JOURNAL, FileHeader.noTag());
            ByteBuffer in = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
            int length = in.getInt(LENGTH_AT);
            if (length > 0
                    && length <= all.length - RECORD_AT
                    && in.getInt(LENGTH_AT + 4) == FileHeader.checksum(all, RECORD_AT, length)) {
                journal.redo(store, segments, in.slice(RECORD_AT, length));
            }
        }
        return journal;
    }

    private void redo(Path store, LogFiles.Segments segments, ByteBuffer record) {
        boolean forced;
        List<LogChange> changes = new ArrayList<>();
        try {
            CompactReader in = new CompactReader(record);
            forced = in.uint() != 0;
            int count = in.count(1);
            for (int i = 0; i < count; i++) {
                changes.add(LogChange.decode(in));
            }
        } catch (EncodingException e) {
            throw new CorruptLogException(path, RECORD_AT, "Journal record", "one of this version", e.getMessage());
        }
        StagingBuffers staging = new StagingBuffers();
        for (LogChange change : changes) {
            LogFolder folder = LogFolder.of(store, change.discoveryKey());
            if (!storage.exists(folder.file(FileKind.IDENTITY))) {
                LOG.warn("The journal {} speaks of a log that is gone, {}", path, folder.folder());
                continue;
            }
            try (LogFiles files = LogFiles.open(storage, folder, segments, staging)) {
                redo(change, files, forced);
            }
        }
        begin();
        empty(forced);
        LOG.info("Finished a change of {} logs that was interrupted, from {}", changes.size(), path);
    }

    private static void redo(LogChange change, LogFiles files, boolean forced) {
        List<HeadRecord> heads = files.head().heads();
        if (!heads.isEmpty() && heads.get(0).sequence() >= change.head().sequence()) {
            return;
        }
        files.head().keepNewest(heads);
        files.head().mark(0, true);
        files.head().forceMarks();
        change.apply(files);
        if (forced) {
            files.forceContent(true);
        }
        files.head().write(change.head());
        if (forced) {
            files.head().forceHead(true);
        }
    }

    /** A change that can be journaled. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Prepared(Set<Key> logs, boolean forced, byte[] bytes) {}

    /**
     * Encodes a change of several steps.
     *
     * @param forced whether the journal is on the device before the first step, and the steps force what they write
     * @throws EspalierException BAD_ARGUMENT when it is too large
     */
    static Prepared prepare(List<LogChange> changes, boolean forced) {
        CompactWriter out = new CompactWriter(1024).u64(0).uint(forced ? 1 : 0).uint(changes.size());
        changes.forEach(change -> change.encode(out));
        byte[] all = out.toByteArray();
        int length = all.length - 8;
        checkSize(length);
        ByteBuffer start = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        start.putInt(0, length).putInt(4, FileHeader.checksum(all, 8, length));
        return new Prepared(changes.stream().map(LogChange::discoveryKey).collect(Collectors.toSet()), forced, all);
    }

    /** Refuses a change that takes too much room in the journal. */
    static void checkSize(long bytes) {
        if (bytes > MAX_RECORD) {
            throw new EspalierException(
                    "BAD_ARGUMENT",
                    "A change in one step takes at most " + MAX_RECORD + " bytes of journal, this one " + bytes + ".");
        }
    }

    /**
     * Makes a change of several steps: journals it, runs the steps, empties the journal. The caller has the write locks of
     * all logs concerned, and stops their writers when this fails.
     */
    void run(Prepared change, Runnable steps) {
        lock.lock();
        boolean done = false;
        try {
            if (!unsettled.isEmpty()) {
                throw new StorageException(
                        "An earlier change of several steps failed halfway; open the store again to finish it.",
                        path,
                        null);
            }
            StorageFile journal = begin();
            journal.write(LENGTH_AT, ByteBuffer.wrap(change.bytes()));
            if (change.forced()) {
                journal.force(true);
            }
            steps.run();
            empty(false);
            done = true;
        } finally {
            if (!done && unsettled.isEmpty()) {
                unsettled = change.logs();
            }
            lock.unlock();
        }
    }

    /** The open file, made with its header by the first change. */
    private StorageFile begin() {
        StorageFile open = file;
        if (open == null) {
            open = storage.open(path, true);
            file = open;
            if (open.size() < RECORD_AT || FileHeader.isAbsent(open)) {
                byte[] header = new FileHeader(FileKind.JOURNAL, 0, FileHeader.noTag()).encode();
                open.write(0, ByteBuffer.allocate(RECORD_AT).put(header).rewind());
                storage.forceFolder(path.toAbsolutePath().getParent());
            }
        }
        return open;
    }

    private void empty(boolean force) {
        StorageFile open = begin();
        open.write(LENGTH_AT, ByteBuffer.allocate(8));
        if (force) {
            open.force(false);
        }
    }

    /** Refuses to open a log that a failed change left between two states. */
    void checkSettled(Key discoveryKey) {
        if (unsettled.contains(discoveryKey)) {
            throw new StorageException(
                    "A change of the log with discovery key " + discoveryKey.hex()
                            + " failed halfway; open the store again to finish it.",
                    path,
                    null);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            StorageFile open = file;
            file = null;
            if (open != null) {
                open.close();
            }
        } finally {
            lock.unlock();
        }
    }
}

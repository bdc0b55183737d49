package dev.espalier.log;

import dev.espalier.merkle.TreeHead;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and opens the logs of a store. */
final class LogOpener {

    private static final Logger LOG = LoggerFactory.getLogger(LogOpener.class);

    private final Storage storage;
    private final LogFiles.Segments segments;
    private final StagingBuffers staging = new StagingBuffers();
    private final MappedLogs mapped;
    private final byte[] primaryKey;

    LogOpener(Storage storage, LogFiles.Segments segments, MappedLogs mapped, byte[] primaryKey) {
        this.storage = storage;
        this.segments = segments;
        this.mapped = mapped;
        this.primaryKey = primaryKey;
    }

    Storage storage() {
        return storage;
    }

    MappedLogs mapped() {
        return mapped;
    }

    byte[] primaryKey() {
        return primaryKey;
    }

    /** Makes a log that does not exist. Its identity comes last: a folder without one holds no log. */
    LogCore create(LogFolder folder, Identity identity) {
        LogFiles files = LogFiles.create(storage, folder, segments, staging);
        Branches.deleteAll(storage, folder);
        try {
            TreeHead empty = TreeHead.EMPTY;
            first(folder, files, empty); // The identity must not be there without the head.
            identity.write(storage, folder.file(FileKind.IDENTITY));
            return new LogCore(
                    this, folder, files, identity, new HeadState(empty, HeadRecord.FIRST, DataFile.HEADER_BYTES));
        } catch (RuntimeException e) {
            throw closed(files, e);
        }
    }

    /** Opens a log; null when there is none. */
    @Nullable
    LogCore open(LogFolder folder) {
        Identity identity = Identity.read(storage, folder.file(FileKind.IDENTITY), folder.discoveryKey());
        if (identity == null) {
            return null;
        }
        LogFiles files = LogFiles.open(storage, folder, segments, staging);
        try {
            HeadState state = recover(folder, identity, true, files);
            return new LogCore(this, folder, files, identity, state);
        } catch (RuntimeException e) {
            throw closed(files, e);
        }
    }

    /** Opens what is left of a log that is not open; null when there is none. */
    @Nullable
    DamagedLog openDamaged(LogFolder folder) {
        Identity identity = Identity.read(storage, folder.file(FileKind.IDENTITY), folder.discoveryKey());
        if (identity == null) {
            return null;
        }
        LogFiles files = LogFiles.open(storage, folder, segments, staging);
        try {
            return new DamagedLog(folder, identity, files);
        } catch (RuntimeException e) {
            throw closed(files, e);
        }
    }

    /**
     * Makes the own files of a branch that begins at {@code base}: durable on return, and found by nobody before its {@code
     * branch} file leads to them.
     */
    LogCore createBranch(LogFolder folder, Identity unsigned, TreeHead base) {
        LogFiles files = LogFiles.create(storage, folder, segments, staging);
        try {
            files.tree().putAll(base.roots(), Set.of());
            files.forceContent(true);
            first(folder, files, base);
            return new LogCore(
                    this, folder, files, unsigned, new HeadState(base, HeadRecord.FIRST, DataFile.HEADER_BYTES));
        } catch (RuntimeException e) {
            throw closed(files, e);
        }
    }

    /** Opens the own files of a branch. */
    LogCore openBranch(LogFolder folder, Identity unsigned) {
        LogFiles files = LogFiles.open(storage, folder, segments, staging);
        try {
            HeadState state = recover(folder, unsigned, false, files);
            return new LogCore(this, folder, files, unsigned, state);
        } catch (RuntimeException e) {
            throw closed(files, e);
        }
    }

    /** Writes the first head into new files, forces it and the folder. */
    private void first(LogFolder folder, LogFiles files, TreeHead head) {
        files.head()
                .write(new HeadRecord(
                        HeadRecord.FIRST,
                        head.fork(),
                        head.length(),
                        head.byteLength(),
                        head.treeHash(),
                        DataFile.HEADER_BYTES,
                        true,
                        head.length(),
                        head.signature()));
        files.head().mark(HeadRecord.FIRST, false);
        files.head().forceHead(true);
        storage.forceFolder(folder.folder());
    }

    private static HeadState recover(LogFolder folder, Identity identity, boolean signed, LogFiles files) {
        List<HeadRecord> heads = files.head().heads();
        HeadSelector.Selected selected = new HeadSelector(folder, identity, signed, files).select(heads);
        HeadRecord record = selected.record();
        files.head().keep(record.sequence(), selected.forced().sequence());
        files.data().tail(record.dataTail());
        if (selected.clean()) {
            return new HeadState(selected.head(), record.sequence(), record.dataTail());
        }
        long length = record.length();
        LOG.info(
                "{} was not closed cleanly, checked from block {} to {}",
                folder.folder(),
                selected.forced().length(),
                length);
        TailCleaner.clean(files, length);
        if (files.head().sparse()) {
            TreeCleaner.clean(files.tree(), length);
        }
        files.data().tail(BlockCleaner.clean(folder.folder(), files, selected.forced(), length, record.dataTail()));
        return settle(selected.head(), heads.get(0).sequence() + 1, files);
    }

    /** Puts what was recovered on the device, so that it needs no second look. */
    private static HeadState settle(TreeHead head, long sequence, LogFiles files) {
        long tail = files.data().tail();
        files.forceContent(true);
        files.head()
                .write(new HeadRecord(
                        sequence,
                        head.fork(),
                        head.length(),
                        head.byteLength(),
                        head.treeHash(),
                        tail,
                        true,
                        head.length(),
                        head.signature()));
        files.head().mark(sequence, false);
        files.head().forceHead(true);
        return new HeadState(head, sequence, tail);
    }

    private static RuntimeException closed(LogFiles files, RuntimeException failure) {
        try {
            files.close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }
}

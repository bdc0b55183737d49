package dev.espalier.log;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open files of one log.
 *
 * <p><b>Threading:</b> as the files.
 */
record LogFiles(DataFile data, EntryFile entries, TreeFile tree, BitFile bits, HeadFile head) implements AutoCloseable {

    /** How long segments are, as powers of two: records of the mapped files, bytes of a new data file. */
    record Segments(int entries, int tree, int bits, int data) {

        /** What all stores use but those of tests. */
        static final Segments DEFAULT = new Segments(
                EntryFile.RECORDS_SHIFT, TreeFile.RECORDS_SHIFT, BitFile.RECORDS_SHIFT, DataFile.SEGMENT_SHIFT);
    }

    private static final List<FileKind> KINDS =
            List.of(FileKind.DATA, FileKind.ENTRIES, FileKind.TREE, FileKind.BITS, FileKind.HEAD);

    /** Makes the files of a log that does not exist yet; leftovers of an earlier attempt are deleted. */
    static LogFiles create(Storage storage, LogFolder folder, Segments segments, StagingBuffers staging) {
        storage.createFolders(folder.folder());
        KINDS.forEach(kind -> storage.delete(folder.file(kind)));
        return open(storage, folder, segments, staging, true);
    }

    /** Deletes all files of a log that is not open. Its identity goes first: without that there is no log. */
    static void delete(Storage storage, LogFolder folder) {
        storage.delete(folder.file(FileKind.IDENTITY));
        storage.forceFolder(folder.folder());
        KINDS.forEach(kind -> storage.delete(folder.file(kind)));
        storage.delete(folder.file(FileKind.CONFLICT));
        storage.forceFolder(folder.folder());
    }

    /** Deletes the own files of a branch, and their folder. */
    static void deleteBranch(Storage storage, Path folder) {
        KINDS.forEach(kind -> storage.delete(folder.resolve(kind.fileName())));
        storage.delete(folder);
    }

    /** Opens the files of a log; all of them must be there. */
    static LogFiles open(Storage storage, LogFolder folder, Segments segments, StagingBuffers staging) {
        return open(storage, folder, segments, staging, false);
    }

    private static LogFiles open(
            Storage storage, LogFolder folder, Segments segments, StagingBuffers staging, boolean create) {
        byte[] tag = folder.tag();
        OpenFiles open = new OpenFiles();
        try {
            HeadFile head = HeadFile.open(open.add(storage.open(folder.file(FileKind.HEAD), create)), tag, create);
            // Making a log forces its head file alone. The others may be lacking until they are forced for the first
            // time.
            boolean fresh = create || head.isFresh();
            DataFile data = DataFile.open(
                    open.add(storage.open(folder.file(FileKind.DATA), fresh)), tag, segments.data(), staging, fresh);
            EntryFile entries = new EntryFile(SegmentFile.open(
                    open.add(storage.open(folder.file(FileKind.ENTRIES), fresh)),
                    FileKind.ENTRIES,
                    tag,
                    EntryFile.RECORD_BYTES,
                    segments.entries(),
                    fresh));
            TreeFile tree = new TreeFile(SegmentFile.open(
                    open.add(storage.open(folder.file(FileKind.TREE), fresh)),
                    FileKind.TREE,
                    tag,
                    TreeFile.RECORD_BYTES,
                    segments.tree(),
                    fresh));
            BitFile bits = new BitFile(SegmentFile.open(
                    open.add(storage.open(folder.file(FileKind.BITS), fresh)),
                    FileKind.BITS,
                    tag,
                    BitFile.RECORD_BYTES,
                    segments.bits(),
                    fresh));
            return new LogFiles(data, entries, tree, bits, head);
        } catch (RuntimeException e) {
            open.closeAfter(e);
            throw e;
        }
    }

    /** Forces everything that a head leads to, but not the head. */
    void forceContent(boolean metadata) {
        data.force(metadata);
        tree.records().force(metadata);
        entries.records().force(metadata);
        bits.words().force(metadata);
    }

    /**
     * Drops all mappings and closes all files until one of them is used again.
     *
     * @param first what is called before something is mapped again; null to take the files into use
     */
    void idle(@Nullable Runnable first) {
        data.idle(first);
        entries.records().idle(first);
        tree.records().idle(first);
        bits.words().idle(first);
        head.pages().idle(first);
    }

    /** Closes all files; the first failure is thrown, others are attached to it. */
    @Override
    public void close() {
        OpenFiles.closeAll(List.of(data, entries, tree, bits, head));
    }
}

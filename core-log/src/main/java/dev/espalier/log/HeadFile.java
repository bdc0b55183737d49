package dev.espalier.log;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The {@code head} file: the newest signed states in three slots, and whether the log was closed cleanly. */
final class HeadFile implements AutoCloseable {

    /** Records are pages; all of the file lies in one segment. */
    static final int RECORDS_SHIFT = 5;

    private final SegmentFile pages;

    /** What each slot holds; 0 for nothing. */
    private final long[] sequences = new long[HeadDescriptor.SLOTS];

    private long keptCurrent;
    private long keptForced;

    HeadFile(SegmentFile pages) {
        this.pages = pages;
    }

    /** Opens the file, or makes it with no head in it. */
    static HeadFile open(StorageFile file, byte[] tag, boolean create) {
        HeadFile head =
                new HeadFile(SegmentFile.open(file, FileKind.HEAD, tag, HeadDescriptor.PAGE, RECORDS_SHIFT, create));
        head.pages.writable(HeadDescriptor.PAGES - 1);
        return head;
    }

    /** The slots that were written to their end, newest first. */
    List<HeadRecord> heads() {
        List<HeadRecord> heads = new ArrayList<>(HeadDescriptor.SLOTS);
        byte[] slot = new byte[HeadDescriptor.SLOT_PAGES * HeadDescriptor.PAGE];
        for (int i = 0; i < HeadDescriptor.SLOTS; i++) {
            int page = HeadDescriptor.slotPage(i);
            pages.read(page, slot);
            HeadRecord head = HeadDescriptor.decode(slot);
            if (head != null) {
                heads.add(head);
                sequences[i] = head.sequence();
            }
        }
        heads.sort(Comparator.comparingLong(HeadRecord::sequence).reversed());
        return heads;
    }

    /** Whether nothing but the making of the log was ever forced. */
    boolean isFresh() {
        for (HeadRecord head : heads()) {
            if (head.forced()) {
                return head.sequence() == HeadRecord.FIRST;
            }
        }
        return false;
    }

    /**
     * Says which heads may not be written over, by their sequence numbers: the one in use, and the last one that is known
     * to be on the device.
     */
    void keep(long current, long forced) {
        keptCurrent = current;
        keptForced = forced;
    }

    /** The same for the newest of these heads, and the newest forced one. */
    void keepNewest(List<HeadRecord> newestFirst) {
        keep(newestFirst.isEmpty() ? 0 : newestFirst.get(0).sequence(), 0);
        newestFirst.stream()
                .filter(HeadRecord::forced)
                .findFirst()
                .ifPresent(forced -> keep(keptCurrent, forced.sequence()));
    }

    /** Writes a head, over neither of those that are kept. It is the one in use from now on. */
    void write(HeadRecord head) {
        VarHandle.fullFence(); // What the head leads to must be in the files before it.
        byte[] bytes = HeadDescriptor.encode(head);
        int slot = freeSlot();
        sequences[slot] = 0; // Until it is complete nobody may count on it.
        int page = HeadDescriptor.slotPage(slot);
        for (int done = 0; done < bytes.length; done += HeadDescriptor.PAGE, page++) {
            Region region = pages.writable(page);
            region.put(pages.offset(page), bytes, done, Math.min(HeadDescriptor.PAGE, bytes.length - done));
        }
        sequences[slot] = head.sequence();
        keptCurrent = head.sequence();
    }

    private int freeSlot() {
        int free = -1;
        for (int i = 0; i < sequences.length; i++) {
            boolean kept = sequences[i] != 0 && (sequences[i] == keptCurrent || sequences[i] == keptForced);
            if (!kept && (free < 0 || sequences[i] < sequences[free])) {
                free = i;
            }
        }
        return free; // Three slots, two of them kept.
    }

    /** Forces the file; a forced head in use is the last known one from now on. */
    void forceHead(boolean metadata) {
        pages.force(metadata);
        keptForced = keptCurrent;
    }

    /** Sequence number of the head at the last clean close; 0 when the log was written to since then. */
    long cleanSequence() {
        Region control = pages.readable(0);
        return control == null ? 0 : control.getLongAcquire(HeadDescriptor.CLEAN);
    }

    /** Whether nodes were stored anywhere in the tree since the last clean close, and not only at its end. */
    boolean sparse() {
        Region control = pages.readable(0);
        return control != null && control.getLong(HeadDescriptor.SPARSE) != 0;
    }

    /** Marks the log as closed cleanly with this head; 0 as being written to. */
    void mark(long sequence, boolean sparse) {
        Region control = pages.writable(0);
        control.putLongRelease(HeadDescriptor.SPARSE, sparse ? 1 : 0);
        control.putLongRelease(HeadDescriptor.CLEAN, sequence);
        VarHandle.fullFence(); // What follows must not be seen in the file before it.
    }

    /** Forces the marks. */
    void forceMarks() {
        pages.force(false);
    }

    SegmentFile pages() {
        return pages;
    }

    @Override
    public void close() {
        pages.close();
    }
}

package dev.espalier.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Room in the data file whose blocks were given up: returned to the file system as soon as nobody looks at it.
 *
 * <p>What is not returned before the log is closed stays taken; nothing is ever written there again.
 *
 * <p><b>Threading:</b> under the write lock.
 */
final class Holes {

    /** Bytes from the first to before the second. */
    private record Range(long from, long end) {}

    private final DataFile data;
    private final ViewCount views;
    private List<Range> waiting = new ArrayList<>();

    Holes(DataFile data, ViewCount views) {
        this.data = data;
        this.views = views;
    }

    /** Takes the room of a block, best in the order of offsets: pages shared by neighbours are returned only then. */
    void add(long offset, int length) {
        int last = waiting.size() - 1;
        if (last >= 0 && waiting.get(last).end() == offset) {
            waiting.set(last, new Range(waiting.get(last).from(), offset + length));
        } else if (length > 0) {
            waiting.add(new Range(offset, offset + length));
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Returns the room unless somebody looks at blocks; the number of bytes that the file takes less now. */
    long giveBack() {
        if (waiting.isEmpty() || !views.isEmpty()) {
            return 0;
        }
        List<Range> ranges = waiting;
        waiting = new ArrayList<>();
        long freed = 0;
        for (Range range : ranges) {
            freed += data.giveBack(range.from(), range.end());
        }
        return freed;
    }
}

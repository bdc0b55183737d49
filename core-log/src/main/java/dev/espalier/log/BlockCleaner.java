package dev.espalier.log;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Last step of opening a log that was not closed cleanly: looks at all held blocks, finds where their bytes end in the
 * data file, and makes those absent that were lost with the power.
 *
 * <p>Bytes lie in the data file in order of arrival: what lies before the tail of the last forced head was forced with it
 * and is not hashed again.
 */
final class BlockCleaner {

    private static final Logger LOG = LoggerFactory.getLogger(BlockCleaner.class);

    private BlockCleaner() {}

    /** Where the next block goes, at least {@code known}. */
    static long clean(Path folder, LogFiles files, HeadRecord forced, long length, long known) {
        long tail = known;
        long lost = 0;
        for (long block = files.bits().nextSet(0, length);
                block < length;
                block = files.bits().nextSet(block + 1, length)) {
            long offset = files.entries().offset(block);
            int bytes = files.entries().length(block);
            boolean old = block < forced.length() && offset < forced.dataTail();
            if (old
                    ? files.data().isValid(offset, bytes) && files.tree().has(2 * block)
                    : TailVerifier.holds(files, block)) {
                tail = Math.max(tail, offset + bytes);
            } else {
                files.bits().clear(block);
                lost++;
            }
        }
        if (lost > 0) {
            LOG.warn("{} blocks of {} were lost in an unclean stop and count as absent", lost, folder);
        }
        return tail;
    }
}

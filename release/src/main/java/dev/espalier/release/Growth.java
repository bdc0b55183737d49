package dev.espalier.release;

import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.Entry;
import dev.espalier.drive.MirrorOp;
import java.util.HashMap;
import java.util.Map;

/**
 * How much the build of each platform grows by what a mirror does.
 *
 * <p><b>Threading:</b> one thread.
 */
final class Growth {

    private final Map<String, Long> added = new HashMap<>();
    private final Map<String, Long> removed = new HashMap<>();

    /** The next step of the mirror. */
    void add(MirrorOp op) {
        if (op.type() != MirrorOp.Type.EQUAL) {
            String platform = SizeIncrease.platform(op.path());
            added.merge(platform, op.bytesAdded(), Long::sum);
            removed.merge(platform, op.bytesRemoved(), Long::sum);
        }
    }

    /** What to make of that. Lists of {@code before} only what may have grown too much. */
    SizeIncrease since(DriveCheckout before) {
        Map<String, Long> was = new HashMap<>();
        Map<String, Long> is = new HashMap<>();
        added.forEach((platform, more) -> {
            long less = removed.getOrDefault(platform, 0L);
            // There was at least what is removed, so nothing else can have grown by half.
            if (!platform.isEmpty() && more > less + less / 2) {
                long size = 0;
                for (Entry entry : before.list("/by-arch/" + platform)) {
                    size += before.size(entry);
                }
                was.put(platform, size);
                is.put(platform, size - less + more);
            }
        });
        return new SizeIncrease(was, is);
    }
}

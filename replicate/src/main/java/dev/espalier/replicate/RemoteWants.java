package dev.espalier.replicate;

import java.util.HashSet;
import java.util.Set;

/**
 * The regions of which a peer wants to know what is here, now and later (replication specification §5.6).
 *
 * <p>Aligned regions of a power of two are remembered one by one, up to {@link #MAX_REGIONS}; after anything else the
 * peer is taken to want everything. <b>Threading:</b> one thread.
 */
final class RemoteWants {

    /** Longest region that is answered. */
    static final long MAX_LENGTH = 1 << 21;

    private static final int MIN_LENGTH = 32;
    private static final int MAX_REGIONS = 512;

    private record Region(long start, long length) {}

    private final Set<Region> regions = new HashSet<>();
    private boolean everything;

    /** Whether the region is to be answered. */
    boolean add(long start, long length) {
        if (length <= 0 || length > MAX_LENGTH) {
            return false;
        }
        boolean regular = length >= MIN_LENGTH && Long.bitCount(length) == 1 && start % length == 0;
        if (!regular || (regions.size() >= MAX_REGIONS && !regions.contains(new Region(start, length)))) {
            everything = true;
            regions.clear();
        } else if (!everything) {
            regions.add(new Region(start, length));
        }
        return true;
    }

    void remove(long start, long length) {
        regions.remove(new Region(start, length));
    }

    /** Whether any of {@code start} to {@code start + count - 1} is wanted. */
    boolean overlaps(long start, long count) {
        if (everything) {
            return true;
        }
        for (Region region : regions) {
            if (start < region.start + region.length && region.start < start + count) {
                return true;
            }
        }
        return false;
    }
}

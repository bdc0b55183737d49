package dev.espalier.replicate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks a peer said to have: a prefix, and bits beyond it (replication specification §5.1).
 *
 * <p>What a peer says costs bounded memory: past {@link #MAX_PAGES} pages, or the pages that the connection's {@link
 * PeerBudget} allows, blocks are taken as not there, which only means that they are not asked from this peer.
 *
 * <p><b>Threading:</b> changed by the event loop of the connection, asked by any thread.
 */
final class RemoteBlocks {

    /** Blocks per page. */
    static final int PAGE_BITS = 32_768;

    /** Most pages kept of one log: 134 million blocks outside the prefix. */
    static final int MAX_PAGES = 4_096;

    private static final int PAGE_WORDS = PAGE_BITS / Long.SIZE;

    /** The page of which all blocks are there; costs nothing. Never written to. */
    private static final long[] FULL = new long[PAGE_WORDS];

    static {
        Arrays.fill(FULL, -1L);
    }

    private final PeerBudget budget;
    private final TreeMap<Long, long[]> pages = new TreeMap<>();
    private long prefix;

    RemoteBlocks(PeerBudget budget) {
        this.budget = budget;
    }

    /** Forgets everything. */
    synchronized void close() {
        prefix = 0;
        clear(0, Long.MAX_VALUE);
    }

    /** Number of blocks known to be there from 0 on without a gap; there may be more. */
    synchronized long prefix() {
        return prefix;
    }

    synchronized boolean has(long index) {
        if (index < prefix) {
            return true;
        }
        long[] page = pages.get(index / PAGE_BITS);
        return page != null && (page[word(index)] & bit(index)) != 0;
    }

    /** First block at or after {@code from} and below {@code end} that is there; {@code end} when there is none. */
    synchronized long nextPresent(long from, long end) {
        if (from >= end || from < prefix) {
            return Math.min(from, end);
        }
        long first = from / PAGE_BITS;
        for (Map.Entry<Long, long[]> entry : pages.tailMap(first, true).entrySet()) {
            long base = entry.getKey() * PAGE_BITS;
            if (base >= end) {
                break;
            }
            long[] page = entry.getValue();
            int word = entry.getKey() == first ? word(from) : 0;
            long bits = page[word] & (entry.getKey() == first ? -1L << (from & 63) : -1L);
            while (bits == 0 && ++word < PAGE_WORDS) {
                bits = page[word];
            }
            if (bits != 0) {
                return Math.min(end, base + (long) word * Long.SIZE + Long.numberOfTrailingZeros(bits));
            }
        }
        return end;
    }

    /** Whether all of {@code start} to {@code end - 1} are there. */
    synchronized boolean hasAll(long start, long end) {
        for (long index = Math.max(start, prefix); index < end; index++) {
            long[] page = pages.get(index / PAGE_BITS);
            if (page == null || (page[word(index)] & bit(index)) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Takes in a range message. Numbers up to 2^53. */
    synchronized void range(long start, long length, boolean drop) {
        if (drop) {
            prefix = Math.min(prefix, start);
            clear(start, start + length);
        } else if (start <= prefix) {
            prefix = Math.max(prefix, start + length);
        } else {
            set(start, start + length);
        }
    }

    /** Takes in a bitfield message: {@code start} a multiple of 32, whole 32-bit words. */
    synchronized void bitfield(long start, ByteBuffer words) {
        prefix = Math.min(prefix, start);
        ByteBuffer bits = words.slice().order(ByteOrder.LITTLE_ENDIAN);
        for (long index = start; bits.hasRemaining(); index += Integer.SIZE) {
            long value = bits.getInt() & 0xffffffffL;
            boolean known = pages.containsKey(index / PAGE_BITS);
            long[] page = value != 0 || known ? own(index / PAGE_BITS) : null;
            if (page != null) {
                int shift = (int) (index & 32);
                int word = word(index);
                page[word] = (page[word] & ~(0xffffffffL << shift)) | (value << shift);
            }
        }
    }

    /** Forgets all at or above {@code length}: the peer has another tree from there on. */
    synchronized void truncate(long length) {
        prefix = Math.min(prefix, length);
        clear(length, Long.MAX_VALUE);
    }

    private void set(long start, long end) {
        for (long index = start; index < end; ) {
            long number = index / PAGE_BITS;
            long stop = Math.min(end, (number + 1) * PAGE_BITS);
            if (stop - index == PAGE_BITS) {
                if (!pages.containsKey(number) && pages.size() >= MAX_PAGES) {
                    return;
                }
                give(pages.put(number, FULL));
            } else if (pages.get(number) != FULL) {
                long[] page = own(number);
                if (page == null) {
                    return;
                }
                fill(page, index, stop, true);
            }
            index = stop;
        }
    }

    private void clear(long start, long end) {
        if (start >= end) {
            return;
        }
        List<Long> affected = List.copyOf(pages.subMap(start / PAGE_BITS, true, (end - 1) / PAGE_BITS, true)
                .keySet());
        for (long number : affected) {
            long base = number * PAGE_BITS;
            if (start <= base && base + PAGE_BITS <= end) {
                give(pages.remove(number));
            } else {
                long[] page = own(number);
                if (page != null) {
                    fill(page, Math.max(start, base), Math.min(end, base + PAGE_BITS), false);
                }
            }
        }
    }

    /** The page to be written to, made if there is room. Otherwise null, and nothing of it counts as there. */
    private long @Nullable [] own(long number) {
        long[] page = pages.get(number);
        if (page != null && page != FULL) {
            return page;
        }
        if ((page == null && pages.size() >= MAX_PAGES) || !budget.takePage()) {
            pages.remove(number);
            return null;
        }
        long[] made = page == null ? new long[PAGE_WORDS] : page.clone();
        pages.put(number, made);
        return made;
    }

    private void give(long @Nullable [] page) {
        if (page != null && page != FULL) {
            budget.givePages(1);
        }
    }

    /** Sets bits {@code start} to {@code end - 1}, all of one page. */
    private static void fill(long[] page, long start, long end, boolean value) {
        if (start >= end) {
            return;
        }
        int first = word(start);
        int last = word(end - 1);
        long firstMask = -1L << (start & 63);
        long lastMask = -1L >>> (63 - ((end - 1) & 63));
        if (first == last) {
            put(page, first, firstMask & lastMask, value);
            return;
        }
        put(page, first, firstMask, value);
        Arrays.fill(page, first + 1, last, value ? -1L : 0L);
        put(page, last, lastMask, value);
    }

    private static void put(long[] page, int word, long mask, boolean value) {
        page[word] = value ? page[word] | mask : page[word] & ~mask;
    }

    private static int word(long index) {
        return (int) (index % PAGE_BITS) / Long.SIZE;
    }

    private static long bit(long index) {
        return 1L << (index & 63);
    }
}

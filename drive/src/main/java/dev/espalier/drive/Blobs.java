package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of files in a log (drive specification §2).
 *
 * <p><b>Threading:</b> any number of threads; writers take turns.
 */
final class Blobs {

    private final Log log;
    private final Patience patience;
    private final WriterLock lock;

    /** Buffers of blocks, for whoever holds the lock. */
    private final ByteBuffer[] spares;

    Blobs(LogStore store, Log log, Patience patience) {
        this(log, patience, WriterLock.of(store, log, "a stream to this drive"), new ByteBuffer[BlobWriter.GROUP]);
    }

    private Blobs(Log log, Patience patience, WriterLock lock, ByteBuffer[] spares) {
        this.log = log;
        this.patience = patience;
        this.lock = lock;
        this.spares = spares;
    }

    /** The same bytes, waited for in another way. */
    Blobs within(Patience limit) {
        return limit == patience ? this : new Blobs(log, limit, lock, spares);
    }

    Log log() {
        return log;
    }

    WriterLock lock() {
        return lock;
    }

    BlobWriter writer() {
        return writer(null);
    }

    /** {@code leftover} is what may be taken over instead of being appended. */
    BlobWriter writer(@Nullable Leftover leftover) {
        return new BlobWriter(log, lock, spares, leftover);
    }

    /** Appends the remaining bytes of {@code bytes} as a map of blocks; {@code before} is what the file was. */
    BlobId putDedup(ByteBuffer bytes, @Nullable BlobId before) {
        DedupWriter writer = new DedupWriter(this, before);
        try {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            writer.write(copy, 0, copy.length);
            return writer.finish();
        } finally {
            writer.abort();
        }
    }

    /** Appends the remaining bytes of {@code bytes}, whose position stays. */
    BlobId put(ByteBuffer bytes) {
        BlobWriter writer = writer();
        try {
            writer.writeShared(bytes);
            return writer.finish();
        } finally {
            writer.abort();
        }
    }

    /** The map of a blob that has one. */
    BlockMap map(BlobId id) {
        return BlockMap.read(log, patience, id);
    }

    /** Number of bytes of the file. */
    long size(BlobId id) {
        return id.blockMap() ? map(id).byteLength() : id.byteLength();
    }

    /** Reads some bytes of the file, cut where it ends. */
    InputStream open(BlobId id, long start, long length) {
        if (start < 0 || length < 0) {
            throw new IllegalArgumentException("negative range " + start + ", " + length);
        }
        BlockMap map = id.blockMap() ? map(id) : null;
        long size = map == null ? id.byteLength() : map.byteLength();
        long from = Math.min(start, size);
        if (map == null && id.blockOffset() + id.blockLength() > WireReader.MAX_NUMBER) {
            throw Failures.corrupt("The blob " + id + " lies beyond the end of all logs.");
        }
        return new BlobInput(log, patience, id, map, from, Math.min(length, size - from));
    }

    /** Gives up the data of the file, as far as it is held; returns how many blocks that were. */
    long clear(BlobId id) {
        long end = id.blockOffset() + id.blockLength();
        long cleared = 0;
        if (id.blockMap() && log.has(id.blockOffset(), end)) {
            BlockMap map = map(id);
            for (int i = 0; i < map.count(); i++) {
                cleared += clear(map.index(i), map.index(i) + 1);
            }
        }
        return cleared + clear(id.blockOffset(), end);
    }

    /** Gives up the data of blocks; returns how many were held. */
    long clear(long start, long end) {
        long held = held(log, start, end);
        log.clear(start, Math.max(start, Math.min(end, log.length())));
        return held;
    }

    /** Number of held blocks among {@code start} to {@code end - 1}. */
    static long held(Log log, long start, long end) {
        long held = 0;
        for (long at = start; at < end; ) {
            long from = log.nextPresent(at, end);
            at = log.nextAbsent(from, end);
            held += at - from;
        }
        return held;
    }

    /** Whether all of the file is held here, without asking anybody. */
    boolean has(BlobId id) {
        if (!log.has(id.blockOffset(), id.blockOffset() + id.blockLength())) {
            return false;
        }
        if (id.blockMap()) {
            BlockMap map = map(id);
            for (int i = 0; i < map.count(); i++) {
                if (!log.has(map.index(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}

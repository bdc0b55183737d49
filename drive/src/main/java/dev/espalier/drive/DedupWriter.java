package dev.espalier.drive;

import dev.espalier.log.BlockView;
import dev.espalier.log.Log;
import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends one blob as a map of blocks (drive specification §2), those that the file had before and those that it has
 * twice being stored once. Bytes are cut by their content; {@link #writeBlock} sets a boundary of its own.
 *
 * <p>Blocks of the file before that are not held here are not recognised: comparing them would mean to fetch them.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class DedupWriter implements BlobSink {

    private static final int FIRST_BYTES = 1 << 20;

    private final Blobs blobs;
    private final BlobWriter blob;
    private final @Nullable BlobId before;
    private final RabinChunker chunker = new RabinChunker();
    private final BlockMap.Builder map = new BlockMap.Builder();

    /** Blocks by the hash of their bytes: the index in the log. */
    private @Nullable Map<Hash, Long> known;

    private byte[] chunk = new byte[0];
    private int filled;

    /** {@code before} is what the file was. */
    DedupWriter(Blobs blobs, @Nullable BlobId before) {
        this.blobs = blobs;
        this.blob = blobs.writer();
        this.before = before;
    }

    private Map<Hash, Long> known() {
        Map<Hash, Long> table = known;
        if (table == null) {
            blob.begin();
            table = new HashMap<>();
            if (before != null) {
                addBlocks(before, table);
            }
            known = table;
        }
        return table;
    }

    private void addBlocks(BlobId id, Map<Hash, Long> table) {
        Log log = blobs.log();
        if (id.blockMap()) {
            if (log.has(id.blockOffset(), id.blockOffset() + id.blockLength())) {
                BlockMap blocks = blobs.map(id);
                for (int i = 0; i < blocks.count(); i++) {
                    addBlock(log, blocks.index(i), table);
                }
            }
            return;
        }
        for (long i = 0; i < id.blockLength(); i++) {
            addBlock(log, id.blockOffset() + i, table);
        }
    }

    private static void addBlock(Log log, long index, Map<Hash, Long> table) {
        try (BlockView view = log.view(index).orElse(null)) {
            if (view != null) {
                table.put(hash(view.bytes()), index);
            }
        }
    }

    private static Hash hash(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return Hash.digest(copy);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        known();
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int cut = chunker.next(bytes, from, end);
            keep(bytes, from, (cut < 0 ? end : cut) - from);
            if (cut < 0) {
                return;
            }
            endChunk();
            from = cut;
        }
    }

    private void keep(byte[] bytes, int offset, int length) {
        if (chunk.length - filled < length) {
            int larger = Math.min(RabinChunker.MAX_BYTES, Math.max(FIRST_BYTES, 2 * chunk.length));
            chunk = Arrays.copyOf(chunk, Math.max(larger, filled + length));
        }
        System.arraycopy(bytes, offset, chunk, filled, length);
        filled += length;
    }

    private void endChunk() {
        add(ByteBuffer.wrap(chunk, 0, filled));
        filled = 0;
    }

    private void add(ByteBuffer block) {
        Map<Hash, Long> table = known();
        Hash hash = hash(block);
        Long index = table.get(hash);
        if (index == null) {
            index = blob.writeNow(block);
            table.put(hash, index);
        }
        map.add(index, block.remaining());
    }

    @Override
    public void writeBlock(ByteBuffer bytes) {
        if (filled > 0) {
            endChunk();
        }
        chunker.restart();
        add(bytes);
    }

    @Override
    public void writeAll(InputStream source, LongConsumer copied) throws IOException {
        byte[] buffer = new byte[BlobId.BLOCK_SIZE];
        for (int read = source.read(buffer, 0, buffer.length);
                read >= 0;
                read = source.read(buffer, 0, buffer.length)) {
            write(buffer, 0, read);
            copied.accept(read);
        }
    }

    @Override
    public BlobId finish() {
        try {
            if (filled > 0) {
                endChunk();
            }
            blob.restart();
            for (ByteBuffer block : map.encode()) {
                blob.writeNow(block);
            }
            BlobId id = blob.finish();
            return new BlobId(id.blockOffset(), id.byteOffset(), id.blockLength(), id.byteLength(), true);
        } finally {
            abort();
        }
    }

    @Override
    public void abort() {
        blob.abort();
    }
}

package dev.espalier.log;

import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A log that no longer opens, read-only: what is still there of it, block by block. Nothing is recovered or mended, and no
 * stored root or signature has to hold, so nothing is proven either until {@link #verify} says so. It takes files that are
 * all there and begin with their headers.
 *
 * <pre>{@code
 * try (DamagedLog damaged = store.damaged(key)) {
 *     for (long block = 0; block < damaged.length(); block++) {
 *         if (damaged.has(block)) {
 *             rescue(block, damaged.get(block));
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Where the signed head cannot be read at all, the length is where the last held block ends.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class DamagedLog implements AutoCloseable {

    private final LogFolder folder;
    private final Identity identity;
    private final LogFiles files;
    private final List<HeadRecord> heads;
    private final long length;

    /** Takes over the files, and closes them with itself. */
    DamagedLog(LogFolder folder, Identity identity, LogFiles files) {
        this.folder = folder;
        this.identity = identity;
        this.files = files;
        this.heads = files.head().heads();
        long room = files.bits().words().records() << 6;
        this.length =
                heads.isEmpty() ? held(room) : Math.max(0, Math.min(heads.get(0).length(), room));
    }

    /** Where the last held block ends. */
    private long held(long room) {
        long end = 0;
        for (long block = files.bits().nextSet(0, room);
                block < room;
                block = files.bits().nextSet(end, room)) {
            end = block + 1;
        }
        return end;
    }

    /** Key of the log. */
    public Key key() {
        return identity.key();
    }

    /** Number of blocks, as the newest readable head says. */
    public long length() {
        return length;
    }

    /** Whether the block is stored and hashes to its leaf in the tree. */
    public boolean has(long block) {
        return block >= 0 && block < length && files.bits().get(block) && TailVerifier.holds(files, block);
    }

    /**
     * A block as it is stored: of an encrypted log, encrypted.
     *
     * @throws CorruptLogException when the block is not stored or does not hash to its leaf
     */
    public byte[] get(long block) {
        if (!has(block)) {
            throw new CorruptLogException(
                    folder.file(FileKind.DATA),
                    block >= 0 && block < length ? files.entries().offset(block) : 0,
                    "Block " + block + " of " + length,
                    "bytes that hash to its leaf",
                    "none");
        }
        ByteBuffer view =
                files.data().view(files.entries().offset(block), files.entries().length(block));
        byte[] copy = new byte[view.remaining()];
        view.get(copy);
        return copy;
    }

    /**
     * Whether all blocks are there and the signature of the newest readable head covers them. Hashes every block, and
     * takes no stored node on trust.
     */
    public boolean verify() {
        Manifest manifest = identity.manifest();
        if (manifest == null || heads.isEmpty() || heads.get(0).length() != length) {
            return false;
        }
        HeadRecord head = heads.get(0);
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        for (long block = 0; block < length; block++) {
            if (!has(block)) {
                return false;
            }
            tree.append(files.data()
                    .view(files.entries().offset(block), files.entries().length(block)));
        }
        return HeadVerifier.of(key(), manifest).verify(tree.roots(), length, head.fork(), head.signature());
    }

    @Override
    public void close() {
        files.close();
    }
}

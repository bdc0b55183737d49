package dev.espalier.log;

import dev.espalier.merkle.BlockCipher;
import dev.espalier.merkle.EncodingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns the blocks that a handle takes and gives into what is stored, and back.
 *
 * <p>Which cipher an encryption key means depends on the manifest, which a reader learns with its first head. So the cipher
 * is asked for with the first block, and kept.
 *
 * <p><b>Threading:</b> any thread.
 */
final class BlockCodec {

    /** Stores blocks as they are. */
    static final BlockCodec PLAIN = new BlockCodec(0, null);

    private final int padding;
    private final @Nullable Supplier<BlockCipher> source;
    private volatile @Nullable BlockCipher known;

    /** With the cipher of {@code source}, null for none. */
    BlockCodec(int padding, @Nullable Supplier<BlockCipher> source) {
        this.padding = padding;
        this.source = source;
    }

    /** Bytes by which each stored block is longer. */
    int padding() {
        return padding;
    }

    /** Bytes of content in {@code blocks} blocks with this many stored bytes. */
    long contentBytes(long stored, long blocks) {
        return Math.max(0, stored - padding * blocks);
    }

    private @Nullable BlockCipher cipher() {
        BlockCipher cipher = known;
        if (cipher == null && source != null) {
            cipher = source.get();
            known = cipher;
        }
        return cipher;
    }

    /** The stored forms of blocks from {@code first} on; their positions stay. */
    List<ByteBuffer> encode(long first, long fork, List<ByteBuffer> blocks) {
        BlockCipher cipher = cipher();
        if (cipher == null) {
            return blocks;
        }
        List<ByteBuffer> stored = new ArrayList<>(blocks.size());
        for (ByteBuffer block : blocks) {
            ByteBuffer target = ByteBuffer.allocate(block.remaining() + padding);
            cipher.encrypt(first + stored.size(), fork, block, target);
            stored.add(target.flip());
        }
        return stored;
    }

    /** A copy of the content of a block. */
    byte[] copy(long index, ByteBuffer stored) {
        BlockCipher cipher = cipher();
        byte[] content = new byte[contentLength(index, stored.remaining())];
        if (cipher == null) {
            stored.get(stored.position(), content);
        } else {
            cipher.decrypt(index, stored, ByteBuffer.wrap(content));
        }
        return content;
    }

    /** The content of a block, read-only: what was passed itself where nothing is encrypted, else a copy. */
    ByteBuffer content(long index, ByteBuffer stored) {
        return source == null
                ? stored
                : ByteBuffer.wrap(copy(index, stored)).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Length of the content of a block.
     *
     * @throws EncodingException when it is too short to be encrypted
     */
    int contentLength(long index, int stored) {
        if (stored < padding) {
            throw new EncodingException(
                    "block " + index + ": " + stored + " bytes, an encrypted one has at least " + padding);
        }
        return stored - padding;
    }
}

package dev.espalier.merkle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * BLAKE2b with a digest of 1 to 64 bytes, optionally keyed (RFC 7693): {@code H} of the log specification (§1).
 *
 * <p>An instance is used over and over: {@link #digest(byte[], int)} starts it afresh, and neither it nor {@code update}
 * allocates. Whole blocks are read where they lie, from arrays and from buffers on or off the heap; only the ends of an
 * input are copied.
 *
 * <p><b>Threading:</b> an instance belongs to one thread; the static functions are stateless. <b>Byte order:</b> plain
 * bytes, whatever the order of a buffer.
 */
public final class Blake2b {

    /** Longest digest and longest key in bytes. */
    public static final int MAX_BYTES = 64;

    private static final int BLOCK = 128;
    private static final VarHandle ARRAY_WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BUFFER_WORDS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long[] IV = {
        0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
        0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L
    };

    private final int digestBytes;
    private final byte @Nullable [] key;

    private final long[] state = new long[8];
    private final long[] working = new long[16];
    private final long[] message = new long[16];

    /** Bytes not compressed yet. A full block waits here until more follow, for the last one is treated differently. */
    private final byte[] pending = new byte[BLOCK];

    private int pendingBytes;
    private long compressedBytes;

    /**
     * An unkeyed hash.
     *
     * @param digestBytes length of the digest, 1 to 64; part of what is hashed, not a cut
     */
    public Blake2b(int digestBytes) {
        this(digestBytes, null, 0);
    }

    /**
     * A keyed hash.
     *
     * @param digestBytes length of the digest, 1 to 64
     * @param key 1 to 64 bytes, which are copied
     */
    public Blake2b(int digestBytes, byte[] key) {
        this(digestBytes, key.clone(), checkLength("key", key.length));
    }

    private Blake2b(int digestBytes, byte @Nullable [] key, int keyBytes) {
        this.digestBytes = checkLength("digest", digestBytes);
        this.key = key;
        start(keyBytes);
    }

    private static int checkLength(String what, int length) {
        if (length < 1 || length > MAX_BYTES) {
            throw new IllegalArgumentException("a BLAKE2b " + what + " has 1 to 64 bytes, not " + length);
        }
        return length;
    }

    private void start(int keyBytes) {
        System.arraycopy(IV, 0, state, 0, 8);
        state[0] ^= 0x01010000L ^ ((long) keyBytes << 8) ^ digestBytes;
        compressedBytes = 0;
        pendingBytes = 0;
        if (key != null) {
            System.arraycopy(key, 0, pending, 0, keyBytes);
            Arrays.fill(pending, keyBytes, BLOCK, (byte) 0);
            pendingBytes = BLOCK;
        }
    }

    /** Starts afresh, whatever came before: an input that could not be read to its end, say. */
    Blake2b restart() {
        start(key == null ? 0 : key.length);
        return this;
    }

    /** The eight words from which an unkeyed hash of {@code digestBytes} bytes begins. */
    static long[] initialState(int digestBytes) {
        long[] words = IV.clone();
        words[0] ^= 0x01010000L ^ digestBytes;
        return words;
    }

    /** BLAKE2b-256 over the concatenation of {@code parts}. */
    public static byte[] hash(byte[]... parts) {
        return new Blake2b(32).update(parts).digest();
    }

    /** BLAKE2b-256 under {@code key} over the concatenation of {@code parts}. */
    public static byte[] keyed(byte[] key, byte[]... parts) {
        return new Blake2b(32, key).update(parts).digest();
    }

    /** Adds all of each part. */
    public Blake2b update(byte[]... parts) {
        for (byte[] part : parts) {
            update(part, 0, part.length);
        }
        return this;
    }

    /** Adds one byte. */
    public Blake2b update(byte value) {
        if (pendingBytes == BLOCK) {
            compressPending();
        }
        pending[pendingBytes++] = value;
        return this;
    }

    /** Adds {@code length} bytes of {@code source} from {@code offset}. */
    public Blake2b update(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        int end = offset + length;
        int at = offset;
        if (length > BLOCK - pendingBytes) {
            if (pendingBytes > 0) {
                int fill = BLOCK - pendingBytes;
                System.arraycopy(source, at, pending, pendingBytes, fill);
                at += fill;
                compressPending();
            }
            for (; end - at > BLOCK; at += BLOCK) {
                for (int i = 0; i < 16; i++) {
                    message[i] = (long) ARRAY_WORDS.get(source, at + 8 * i);
                }
                compress(BLOCK, 0);
            }
        }
        System.arraycopy(source, at, pending, pendingBytes, end - at);
        pendingBytes += end - at;
        return this;
    }

    /** Adds the remaining bytes of {@code source}, whose position and limit stay as they are. */
    public Blake2b update(ByteBuffer source) {
        if (source.hasArray()) {
            return update(source.array(), source.arrayOffset() + source.position(), source.remaining());
        }
        int end = source.limit();
        int at = source.position();
        if (end - at > BLOCK - pendingBytes) {
            if (pendingBytes > 0) {
                int fill = BLOCK - pendingBytes;
                source.get(at, pending, pendingBytes, fill);
                at += fill;
                compressPending();
            }
            for (; end - at > BLOCK; at += BLOCK) {
                for (int i = 0; i < 16; i++) {
                    message[i] = (long) BUFFER_WORDS.get(source, at + 8 * i);
                }
                compress(BLOCK, 0);
            }
        }
        source.get(at, pending, pendingBytes, end - at);
        pendingBytes += end - at;
        return this;
    }

    /** The digest; the instance starts afresh (with the same key). */
    public byte[] digest() {
        byte[] out = new byte[digestBytes];
        digest(out, 0);
        return out;
    }

    /** Writes the digest to {@code target} at {@code offset}; the instance starts afresh (with the same key). */
    public void digest(byte[] target, int offset) {
        Objects.checkFromIndexSize(offset, digestBytes, target.length);
        Arrays.fill(pending, pendingBytes, BLOCK, (byte) 0);
        loadPending();
        compress(pendingBytes, -1);
        for (int i = 0; i < digestBytes; i++) {
            target[offset + i] = (byte) (state[i >>> 3] >>> (8 * (i & 7)));
        }
        restart();
    }

    private void compressPending() {
        loadPending();
        compress(BLOCK, 0);
        pendingBytes = 0;
    }

    private void loadPending() {
        for (int i = 0; i < 16; i++) {
            message[i] = (long) ARRAY_WORDS.get(pending, 8 * i);
        }
    }

    /**
     * Takes the message block into the state.
     *
     * @param bytes how many bytes of it count
     * @param last -1 for the last block, else 0
     */
    private void compress(int bytes, long last) {
        compressedBytes += bytes;
        long[] v = working;
        System.arraycopy(state, 0, v, 0, 8);
        System.arraycopy(IV, 0, v, 8, 8);
        v[12] ^= compressedBytes;
        v[14] ^= last;
        Blake2bRounds.first(v, message);
        Blake2bRounds.last(v, message);
        for (int i = 0; i < 8; i++) {
            state[i] ^= v[i] ^ v[i + 8];
        }
    }
}

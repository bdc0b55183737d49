package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * Block encryption as JavaScript peers do it (log specification §14): 8 bytes of padding, which hide the fork number, then
 * the block under XSalsa20.
 *
 * <p>There is no authentication beyond the log's own tree. Two different blocks encrypted at the same index and fork give
 * away their difference: never rewrite an encrypted block without a new fork number.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class BlockEncryption implements BlockCipher {

    /** Length of keys in bytes. */
    public static final int KEY_BYTES = 32;

    /** Bytes before the content of each block. */
    public static final int PADDING = 8;

    private static final int NONCE = 24;
    private static final int CHUNK = 8192;

    private final byte[] blockKey;
    private final byte[] blindingKey;

    private BlockEncryption(byte[] blockKey) {
        this.blockKey = blockKey;
        this.blindingKey = Blake2b.hash(blockKey);
    }

    /**
     * The default: the block key is derived from the log's key and the encryption key.
     *
     * @param logKey key of the log
     * @param compat whether it is an old log ({@link Manifest#isCompat}); so the manifest must be known
     * @param encryptionKey 32 secret bytes
     */
    public static BlockEncryption of(Key logKey, boolean compat, byte[] encryptionKey) {
        checkKey(encryptionKey);
        return new BlockEncryption(
                compat
                        ? Blake2b.keyed(logKey.raw(), encryptionKey)
                        : Blake2b.hash(Namespaces.DEFAULT_ENCRYPTION.raw(), logKey.raw(), encryptionKey));
    }

    /** With the block key itself, 32 secret bytes, which are copied. */
    public static BlockEncryption ofBlockKey(byte[] blockKey) {
        return new BlockEncryption(checkKey(blockKey).clone());
    }

    /** A copy of the block key: whoever has it reads the log. Secret. */
    public byte[] blockKey() {
        return blockKey.clone();
    }

    /** A copy of the key that hides fork numbers. Secret. */
    byte[] blindingKey() {
        return blindingKey.clone();
    }

    @Override
    public int padding() {
        return PADDING;
    }

    @Override
    public void encrypt(long index, long fork, ByteBuffer block, ByteBuffer target) {
        byte[] nonce = nonce(index);
        byte[] padding = new byte[PADDING];
        ByteBuffer.wrap(padding).order(ByteOrder.LITTLE_ENDIAN).putLong(fork);
        engine(blindingKey, nonce).processBytes(padding, 0, PADDING, padding, 0);
        System.arraycopy(padding, 0, nonce, Long.BYTES, PADDING);
        target.put(padding);
        xor(engine(blockKey, nonce), block, block.position(), target);
    }

    @Override
    public void decrypt(long index, ByteBuffer stored, ByteBuffer target) {
        if (stored.remaining() < PADDING) {
            throw new EncodingException(
                    "encrypted block " + index + ": " + stored.remaining() + " bytes, expected at least " + PADDING);
        }
        byte[] nonce = nonce(index);
        stored.get(stored.position(), nonce, Long.BYTES, PADDING);
        xor(engine(blockKey, nonce), stored, stored.position() + PADDING, target);
    }

    private static byte[] nonce(long index) {
        byte[] nonce = new byte[NONCE];
        ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).putLong(index);
        return nonce;
    }

    private static XSalsa20Engine engine(byte[] key, byte[] nonce) {
        XSalsa20Engine engine = new XSalsa20Engine();
        engine.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        return engine;
    }

    /** From {@code start} to the limit of {@code source}, whose position stays. */
    private static void xor(XSalsa20Engine engine, ByteBuffer source, int start, ByteBuffer target) {
        byte[] chunk = new byte[Math.min(CHUNK, source.limit() - start)];
        for (int at = start; at < source.limit(); ) {
            int step = Math.min(chunk.length, source.limit() - at);
            source.get(at, chunk, 0, step);
            engine.processBytes(chunk, 0, step, chunk, 0);
            target.put(chunk, 0, step);
            at += step;
        }
        Arrays.fill(chunk, (byte) 0);
    }

    private static byte[] checkKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("an encryption key has 32 bytes, not " + key.length);
        }
        return key;
    }
}

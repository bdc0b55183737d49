package dev.espalier.log;

import dev.espalier.merkle.BlockCipher;
import dev.espalier.merkle.BlockEncryption;
import org.jspecify.annotations.Nullable;

/**
 * How a handle sees the blocks of a log: as they are stored, or through an encryption (log specification §14).
 *
 * <p>Nothing of this is kept with the log: who opens it brings the key each time. A key that is not the right one cannot
 * be told from the right one; it gives other bytes.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class LogOptions {

    /** Blocks are what is stored. */
    public static final LogOptions PLAIN = new LogOptions(null, null);

    private final byte @Nullable [] encryptionKey;
    private final @Nullable BlockCipher cipher;

    private LogOptions(byte @Nullable [] encryptionKey, @Nullable BlockCipher cipher) {
        this.encryptionKey = encryptionKey;
        this.cipher = cipher;
    }

    /**
     * Encrypted as JavaScript peers do it: the block key follows from the key of the log and this one.
     *
     * @param encryptionKey 32 secret bytes, which are copied
     */
    public static LogOptions encrypted(byte[] encryptionKey) {
        if (encryptionKey.length != BlockEncryption.KEY_BYTES) {
            throw new IllegalArgumentException("an encryption key has 32 bytes, not " + encryptionKey.length);
        }
        return new LogOptions(encryptionKey.clone(), null);
    }

    /**
     * Encrypted with the block key itself (JavaScript: {@code block: true}). To be used for one log only.
     *
     * @param blockKey 32 secret bytes, which are copied
     */
    public static LogOptions encryptedWithBlockKey(byte[] blockKey) {
        return encrypted(BlockEncryption.ofBlockKey(blockKey));
    }

    /** Encrypted in a way of your own. */
    public static LogOptions encrypted(BlockCipher cipher) {
        return new LogOptions(null, cipher);
    }

    /** Whether blocks are encrypted. */
    public boolean isEncrypted() {
        return encryptionKey != null || cipher != null;
    }

    /** What turns blocks of this log into what is stored, and back. */
    BlockCodec codec(LogCore core) {
        if (cipher != null) {
            return new BlockCodec(cipher.padding(), () -> cipher);
        }
        byte[] key = encryptionKey;
        return key == null ? BlockCodec.PLAIN : new BlockCodec(BlockEncryption.PADDING, () -> core.encryption(key));
    }
}

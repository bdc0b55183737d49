package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a secretstream by the ChaCha20-Poly1305 of the Java runtime, several times as fast as its parts where the
 * runtime has machine code for both.
 *
 * <p>The two agree in all but what pads the message in the code: (length mod 16) zeros there, zeros up to a whole block
 * here. That is the same where the length is a multiple of 8. What is authenticated begins with the block of the tag:
 *
 * <pre>
 * 0          64                 64 + n          80 + n
 * | tag, 0…0 | message          | code |      plain, and masked in the same place
 * </pre>
 *
 * <p><b>Threading:</b> one thread.
 */
final class AlignedCipher {

    /** Shorter messages are not worth the setting up. */
    static final int MIN_BYTES = 512;

    /** Longer messages would need too much room. */
    static final int MAX_BYTES = 1 << 20;

    private static final int TAG_BLOCK = 64;
    private static final int CODE_BYTES = SecretStreamState.CODE_BYTES;

    /** Bytes encrypted at a time: they stay in the nearest cache. */
    private static final int PIECE = 16 << 10;

    private static final int MULTIPLE = 8;

    /** Before, the parts of our own are faster. */
    private static final int FIRST_GOOD_RUNTIME = 21;

    private final Cipher cipher;

    private AlignedCipher(Cipher cipher) {
        this.cipher = cipher;
    }

    /** Null where the runtime's is missing, or slow. */
    static @Nullable AlignedCipher create() {
        if (Runtime.version().feature() < FIRST_GOOD_RUNTIME) {
            return null;
        }
        return forced();
    }

    /** Whatever its speed. */
    static AlignedCipher forced() {
        try {
            return new AlignedCipher(Cipher.getInstance("ChaCha20-Poly1305"));
        } catch (GeneralSecurityException e) {
            throw SecretStreamState.unusable(e);
        }
    }

    /** Whether a message of this length can be taken. */
    static boolean fits(int length) {
        return length % MULTIPLE == 0 && length >= MIN_BYTES && length <= MAX_BYTES;
    }

    /**
     * Encrypts all that remains in {@code plain} behind the position of {@code target}: masked tag, masked message,
     * code, which is written to {@code code}, too.
     */
    void encrypt(Key key, byte[] nonce, byte tag, ByteBuffer[] plain, ByteBuffer target, byte[] code) {
        byte[] piece = Scratch.atLeast(PIECE + CODE_BYTES);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            Arrays.fill(piece, 0, TAG_BLOCK, (byte) 0);
            piece[0] = tag;
            boolean first = true;
            int filled = TAG_BLOCK;
            for (ByteBuffer part : plain) {
                while (part.hasRemaining()) {
                    int step = Math.min(part.remaining(), PIECE - filled);
                    part.get(piece, filled, step);
                    filled += step;
                    if (filled == PIECE) {
                        put(piece, cipher.update(piece, 0, filled, piece, 0), first, target);
                        first = false;
                        filled = 0;
                    }
                }
            }
            int last = cipher.doFinal(piece, 0, filled, piece, 0);
            System.arraycopy(piece, last - CODE_BYTES, code, 0, CODE_BYTES);
            put(piece, last, first, target);
        } catch (GeneralSecurityException e) {
            throw SecretStreamState.unusable(e);
        }
    }

    /** Writes what was masked: of the block of the tag, with which the first piece begins, only its first byte. */
    private static void put(byte[] masked, int length, boolean first, ByteBuffer target) {
        if (first) {
            target.put(masked[0]).put(masked, TAG_BLOCK, length - TAG_BLOCK);
        } else {
            target.put(masked, 0, length);
        }
    }

    /**
     * Checks the {@code length} masked bytes from {@code start} and the code behind them, and decrypts them where they
     * lie.
     *
     * @param tagBlock the block of the tag as it was masked
     * @return false when they are not authentic; nothing is changed then
     */
    boolean decrypt(Key key, byte[] nonce, byte[] tagBlock, int tagOffset, ByteBuffer message, int start, int length) {
        byte[] whole = Scratch.atLeast(TAG_BLOCK + length + CODE_BYTES);
        System.arraycopy(tagBlock, tagOffset, whole, 0, TAG_BLOCK);
        message.get(start, whole, TAG_BLOCK, length + CODE_BYTES);
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.doFinal(whole, 0, TAG_BLOCK + length + CODE_BYTES, whole, 0);
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw SecretStreamState.unusable(e);
        }
        message.put(start, whole, TAG_BLOCK, length);
        return true;
    }
}

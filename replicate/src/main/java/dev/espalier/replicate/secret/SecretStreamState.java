package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What both directions of {@code crypto_secretstream_xchacha20poly1305} share: key, nonce, the beginning and the end
 * of a message (replication specification §1.4).
 *
 * <pre>
 * nonce    counter u32le | inonce 8 bytes
 * stream   block 0: Poly1305 key | block 1: masks the tag | block 2 on: masks the message
 * code     over: masked block {tag, 63 zeros} | masked message | (length mod 16) zeros | u64le 0 | u64le 64+length
 * </pre>
 *
 * <p>The zeros after the message are (length mod 16) many, not what fills a block: a quirk of libsodium.
 *
 * <p><b>Threading:</b> one thread. <b>Byte order:</b> little endian.
 */
final class SecretStreamState {

    static final int KEY_BYTES = 32;
    static final int HEADER_BYTES = 24;
    static final int CODE_BYTES = 16;

    /** Bytes of a ciphertext beyond its plaintext. */
    static final int OVERHEAD = 1 + CODE_BYTES;

    private static final int NONCE_BYTES = 12;
    private static final int STREAM_BLOCK = 64;
    private static final int REKEY_BIT = 2;

    /** Bytes masked at a time: they stay in the nearest cache. */
    private static final int PIECE = 16 << 10;

    private final byte[] key;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final Cipher stream;
    private SecretKeySpec keySpec;

    private final Poly1305 poly = new Poly1305();
    private final @Nullable AlignedCipher aligned;
    /** Stream blocks 0 and 1; what is masked by block 1 stays until the end of the message. */
    private final byte[] firstBlocks = new byte[2 * STREAM_BLOCK];
    /** The tail that is authenticated: less than a block of message, as many zeros, two lengths. */
    private final byte[] tail = new byte[3 * CODE_BYTES];

    private final ByteBuffer tailView = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] code = new byte[CODE_BYTES];

    SecretStreamState(byte[] sessionKey, byte[] header) {
        this(sessionKey, header, AlignedCipher.create());
    }

    /** With a cipher for messages of fitting length, or without one. */
    SecretStreamState(byte[] sessionKey, byte[] header, @Nullable AlignedCipher aligned) {
        if (sessionKey.length != KEY_BYTES || header.length != HEADER_BYTES) {
            throw new IllegalArgumentException("expected a key of " + KEY_BYTES + " and a header of " + HEADER_BYTES
                    + " bytes, found " + sessionKey.length + " and " + header.length);
        }
        this.aligned = aligned;
        this.key = HChaCha20.subkey(sessionKey, header);
        this.keySpec = new SecretKeySpec(key, "ChaCha20");
        System.arraycopy(header, 16, nonce, 4, 8);
        nonce[0] = 1;
        try {
            this.stream = Cipher.getInstance("ChaCha20");
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    /** Encrypts what remains in {@code plain}, {@code length} bytes, behind the position of {@code target}. */
    void encrypt(byte tag, ByteBuffer[] plain, int length, ByteBuffer target) {
        AlignedCipher whole = aligned;
        if (whole != null && AlignedCipher.fits(length)) {
            whole.encrypt(keySpec, nonce, tag, plain, target, code);
        } else {
            startStream();
            firstBlocks[STREAM_BLOCK] ^= tag;
            startCode();
            target.put(firstBlocks[STREAM_BLOCK]);
            int start = target.position();
            for (ByteBuffer part : plain) {
                mask(part, target);
            }
            finishCode(target, start, length);
            target.put(code);
        }
        next(tag);
    }

    /**
     * Checks and decrypts {@code length} bytes from {@code start}, where they lie between a masked tag and their code.
     *
     * @return the tag
     * @throws SecretStreamException when they are not authentic; nothing is changed then
     */
    byte decrypt(ByteBuffer message, int start, int length) {
        startStream();
        byte masked = message.get(start - 1);
        byte tag = (byte) (firstBlocks[STREAM_BLOCK] ^ masked);
        firstBlocks[STREAM_BLOCK] = masked;
        AlignedCipher whole = aligned;
        if (whole != null && AlignedCipher.fits(length)) {
            if (!whole.decrypt(keySpec, nonce, firstBlocks, STREAM_BLOCK, message, start, length)) {
                throw notAuthentic();
            }
            message.get(start + length, code);
        } else {
            startCode();
            finishCode(message, start, length);
            int difference = 0;
            for (int i = 0; i < CODE_BYTES; i++) {
                difference |= code[i] ^ message.get(start + length + i);
            }
            if (difference != 0) {
                throw notAuthentic();
            }
            ByteBuffer both = message.duplicate().limit(start + length).position(start);
            mask(both.duplicate(), both);
        }
        next(tag);
        return tag;
    }

    private static SecretStreamException notAuthentic() {
        return new SecretStreamException(
                SecretStreamException.PROTOCOL, "The peer sent a ciphertext that is not authentic.");
    }

    /**
     * Masks or unmasks all of {@code source} into {@code target}, moving both positions; they may be the same memory
     * at the same place.
     */
    private void mask(ByteBuffer source, ByteBuffer target) {
        byte[] piece = Scratch.atLeast(PIECE);
        try {
            while (source.hasRemaining()) {
                int step = Math.min(PIECE, source.remaining());
                source.get(piece, 0, step);
                stream.update(piece, 0, step, piece, 0);
                target.put(piece, 0, step);
            }
        } catch (ShortBufferException e) {
            throw unusable(e);
        }
    }

    /** The code of a message, whose masked bytes are the {@code length} bytes of {@code masked} from index. */
    private void finishCode(ByteBuffer masked, int index, int length) {
        int blocks = length / CODE_BYTES;
        int rest = length % CODE_BYTES;
        poly.update(masked, index, blocks);
        Arrays.fill(tail, (byte) 0);
        masked.get(index + blocks * CODE_BYTES, tail, 0, rest);
        tailView.putLong(2 * rest + 8, STREAM_BLOCK + (long) length);
        poly.finish(tail, 2 * rest + 16, code);
    }

    /** Moves on to the next message. */
    private void next(byte tag) {
        for (int i = 0; i < 8; i++) {
            nonce[4 + i] ^= code[i];
        }
        int carry = 1;
        int any = 0;
        for (int i = 0; i < 4; i++) {
            int sum = (nonce[i] & 0xff) + carry;
            nonce[i] = (byte) sum;
            carry = sum >>> 8;
            any |= sum & 0xff;
        }
        if ((tag & REKEY_BIT) != 0 || any == 0) {
            rekey();
        }
    }

    byte[] key() {
        return key;
    }

    /** The nonce itself: a test sets its counter. */
    byte[] nonce() {
        return nonce;
    }

    private void rekey() {
        byte[] both = Arrays.copyOf(key, KEY_BYTES + 8);
        System.arraycopy(nonce, 4, both, KEY_BYTES, 8);
        initStream();
        try {
            stream.update(both, 0, both.length, both, 0);
        } catch (ShortBufferException e) {
            throw unusable(e);
        }
        System.arraycopy(both, 0, key, 0, KEY_BYTES);
        Arrays.fill(nonce, (byte) 0);
        nonce[0] = 1;
        System.arraycopy(both, KEY_BYTES, nonce, 4, 8);
        Arrays.fill(both, (byte) 0);
        keySpec = new SecretKeySpec(key, "ChaCha20");
    }

    private void startStream() {
        initStream();
        Arrays.fill(firstBlocks, (byte) 0);
        try {
            stream.update(firstBlocks, 0, firstBlocks.length, firstBlocks, 0);
        } catch (ShortBufferException e) {
            throw unusable(e);
        }
    }

    private void startCode() {
        poly.start(firstBlocks, 0);
        poly.update(firstBlocks, STREAM_BLOCK, STREAM_BLOCK / CODE_BYTES);
    }

    private void initStream() {
        try {
            // Encrypting and decrypting are the same; the nonce never repeats under a key.
            stream.init(Cipher.ENCRYPT_MODE, keySpec, new ChaCha20ParameterSpec(nonce, 0));
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    static IllegalStateException unusable(GeneralSecurityException e) {
        return new IllegalStateException("this Java runtime has no usable ChaCha20", e);
    }
}

package dev.espalier.merkle;

import java.nio.ByteBuffer;

/**
 * Turns the blocks of one log into what is stored, hashed and sent, and back (log specification §14). {@link
 * BlockEncryption} is the one JavaScript peers use; an application may bring its own.
 *
 * <p><b>Threading:</b> safe for use by several threads.
 */
public interface BlockCipher {

    /** Bytes that precede the content of every stored block and do not count in byte positions given to users. */
    int padding();

    /**
     * Writes the stored form of a block, {@link #padding} bytes longer than the block, to {@code target}.
     *
     * @param index number of the block
     * @param fork fork number of the signed log
     * @param block its remaining bytes are taken, its position stays
     * @param target written from its position on, which moves behind what was written
     */
    void encrypt(long index, long fork, ByteBuffer block, ByteBuffer target);

    /**
     * Writes a block, {@link #padding} bytes shorter than its stored form, to {@code target}.
     *
     * @param index number of the block
     * @param stored its remaining bytes are taken, its position stays
     * @param target written from its position on, which moves behind what was written
     * @throws EncodingException when the stored form is shorter than the padding
     */
    void decrypt(long index, ByteBuffer stored, ByteBuffer target);
}

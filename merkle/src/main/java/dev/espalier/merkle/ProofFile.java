package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A proof as a file, for somebody who has nothing but the key of the log.
 *
 * <pre>
 *  0         8         9                 41                                                end-4     end
 *  +---------+---------+-----------------+-------------------------------------------------+---------+
 *  | magic   | version | key of the log  | standalone proof: discovery key, 32 bytes, then | CRC32C  |
 *  | ESPPROOF| 1       | 32 bytes        | a data message (log specification §8)           | of 0..  |
 *  +---------+---------+-----------------+-------------------------------------------------+---------+
 * </pre>
 *
 * <p>The part from 41 on is what JavaScript peers take as a standalone proof ({@link StandaloneProof}). The key makes the
 * file tell which log it is about; that this log is the one meant, only the reader can know, by comparing keys. The
 * checksum tells a file that was damaged on its way from one that lies.
 *
 * <p>A proof has one form: bytes that decode and do not encode back to themselves are refused. <b>Threading:</b> immutable.
 * <b>Byte order:</b> little endian.
 *
 * @param key key of the log it claims to be about
 * @param proof what it shows
 */
public record ProofFile(Key key, StandaloneProof proof) {

    /** Most bytes that a file may have: the largest block, and a path and a signature that nobody needs longer. */
    public static final int MAX_BYTES = 17 << 20;

    private static final byte[] MAGIC = "ESPPROOF".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PROOF = MAGIC.length + 1 + Key.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    /** The file of {@code proof}, made for the log {@code key}. */
    public static ProofFile of(Key key, Proof proof) {
        return new ProofFile(key, new StandaloneProof(key.discoveryKey(), proof));
    }

    /** The bytes of the file. */
    public byte[] encode() {
        CompactWriter out = new CompactWriter(512);
        out.raw(MAGIC).uint8(VERSION).raw(key.raw()).raw(proof.encode());
        byte[] all = out.toByteArray();
        CRC32C crc = new CRC32C();
        crc.update(all);
        int sum = (int) crc.getValue();
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.uint8(sum >>> shift & 0xff);
        }
        return out.toByteArray();
    }

    /**
     * Reads a file. Says nothing about whether the proof holds.
     *
     * @throws EncodingException when it is no proof file, of a newer version, or damaged
     */
    public static ProofFile decode(byte[] bytes) {
        if (bytes.length < PROOF + CHECKSUM_BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new EncodingException("this is no proof file: it does not begin with ESPPROOF");
        }
        if (bytes[MAGIC.length] != VERSION) {
            throw new EncodingException("offset " + MAGIC.length + ": version " + (bytes[MAGIC.length] & 0xff)
                    + " of proof files is not known here, only " + VERSION);
        }
        int end = bytes.length - CHECKSUM_BYTES;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        int stored = 0;
        for (int i = 0; i < CHECKSUM_BYTES; i++) {
            stored |= (bytes[end + i] & 0xff) << Byte.SIZE * i;
        }
        if (stored != (int) crc.getValue()) {
            throw new EncodingException("offset " + end + ": checksum " + Integer.toHexString(stored) + ", but the "
                    + end + " bytes before it give " + Integer.toHexString((int) crc.getValue()));
        }
        Key key = Key.of(Arrays.copyOfRange(bytes, MAGIC.length + 1, PROOF));
        ByteBuffer rest = ByteBuffer.wrap(bytes, PROOF, end - PROOF);
        ProofFile file = new ProofFile(key, StandaloneProof.decode(rest));
        if (!Arrays.equals(file.proof.encode(), Arrays.copyOfRange(bytes, PROOF, end))) {
            throw new EncodingException("offset " + PROOF + ": the proof is not in its only form");
        }
        return file;
    }

    /**
     * Verifies the proof with nothing but the key in the file. Whether that key can be trusted is the caller's to know.
     *
     * @throws VerificationException when it does not hold, or its other parts are about another log
     */
    public StandaloneProof.Verified verify() {
        return proof.verify(key);
    }
}

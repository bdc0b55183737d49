package dev.espalier.log;

import dev.espalier.merkle.Hash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Layout of the {@code head} file: after its header page, a control page and three slots of 32 KiB.
 *
 * <pre>
 *     0 +---------------------------+
 *       | file header               |   4096
 *  4096 +---------------------------+
 *       | control                   |   4096
 *  8192 +---------------------------+
 *       | slot 0                    |  32768
 * 40960 +---------------------------+
 *       | slot 1                    |  32768
 * 73728 +---------------------------+
 *       | slot 2                    |  32768
 *106496 +---------------------------+
 *
 * control                                slot
 *  0 +--------------------------------+   0 +--------------------------------+
 *    | u64 clean: sequence at the     |     | u64 sequence, 0 = never written|
 *    | last clean close, 0 = written  |   8 +--------------------------------+
 *    | to since then                  |     | u64 fork                       |
 *  8 +--------------------------------+  16 +--------------------------------+
 *    | u64 sparse: 1 = nodes were     |     | u64 length                     |
 *    | stored anywhere in the tree    |  24 +--------------------------------+
 *    | since then                     |     | u64 byte length                |
 * 16 +--------------------------------+  32 +--------------------------------+
 *    | reserved, zero                 |     | 32 bytes tree hash             |
 *    +--------------------------------+     |                                |
 *                                        64 +--------------------------------+
 *                                           | u64 data tail                  |
 *                                        72 +--------------------------------+
 *                                           | u32 flags: 1 = forced          |
 *                                        76 +--------------------------------+
 *                                           | u32 signature length           |
 *                                        80 +--------------------------------+
 *                                           | u64 appended from              |
 *                                        88 +--------------------------------+
 *                                           | reserved, zero                 |
 *                                       124 +--------------------------------+
 *                                           | u32 CRC32C of 0..123 and the   |
 *                                           | signature                      |
 *                                       128 +--------------------------------+
 *                                           | signature, up to 32640 bytes   |
 *                                           +--------------------------------+
 * </pre>
 *
 * <p>A head goes into the slot that holds neither the newest head nor the last one that was forced to the device. So a
 * write cut short leaves the newest head alone, and a loss of power finds the forced one, however many came after it.
 */
final class HeadDescriptor {

    /** Bytes of the control page, and of a page of a slot. */
    static final int PAGE = 4096;

    /** Number of slots. */
    static final int SLOTS = 3;

    /** Pages of one slot. */
    static final int SLOT_PAGES = 8;

    /** Pages after the file header. */
    static final int PAGES = 1 + SLOTS * SLOT_PAGES;

    /** Offset of the clean mark in the control page. */
    static final int CLEAN = 0;

    /** Offset of the sparse mark in the control page. */
    static final int SPARSE = 8;

    /** Bytes of a slot before the signature. */
    static final int FIXED_BYTES = 128;

    /** Longest signature field that a slot can hold: some 450 signers. */
    static final int MAX_SIGNATURE = SLOT_PAGES * PAGE - FIXED_BYTES;

    private static final int FORK = 8;
    private static final int LENGTH = 16;
    private static final int BYTE_LENGTH = 24;
    private static final int TREE_HASH = 32;
    private static final int DATA_TAIL = 64;
    private static final int FLAGS = 72;
    private static final int SIGNATURE_LENGTH = 76;
    private static final int APPENDED_FROM = 80;
    private static final int CHECKSUM = 124;

    private static final int FORCED = 1;

    private HeadDescriptor() {}

    /** First page of a slot. */
    static int slotPage(int slot) {
        return 1 + slot * SLOT_PAGES;
    }

    /** The bytes of a slot, as far as they are used. */
    static byte[] encode(HeadRecord head) {
        byte[] signature = head.signature() == null ? new byte[0] : head.signature();
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + signature.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(0, head.sequence());
        out.putLong(FORK, head.fork());
        out.putLong(LENGTH, head.length());
        out.putLong(BYTE_LENGTH, head.byteLength());
        out.put(TREE_HASH, head.treeHash().bytes());
        out.putLong(DATA_TAIL, head.dataTail());
        out.putInt(FLAGS, head.forced() ? FORCED : 0);
        out.putInt(SIGNATURE_LENGTH, signature.length);
        out.putLong(APPENDED_FROM, head.appendedFrom());
        out.put(FIXED_BYTES, signature);
        out.putInt(CHECKSUM, checksum(out.array(), signature.length));
        return out.array();
    }

    /** What a slot says; null when it was never written, or not to its end. */
    static @Nullable HeadRecord decode(byte[] slot) {
        ByteBuffer in = ByteBuffer.wrap(slot).order(ByteOrder.LITTLE_ENDIAN);
        int signatureLength = in.getInt(SIGNATURE_LENGTH);
        if (in.getLong(0) <= 0
                || signatureLength < 0
                || signatureLength > slot.length - FIXED_BYTES
                || in.getInt(CHECKSUM) != checksum(slot, signatureLength)) {
            return null;
        }
        byte[] signature =
                signatureLength == 0 ? null : Arrays.copyOfRange(slot, FIXED_BYTES, FIXED_BYTES + signatureLength);
        return new HeadRecord(
                in.getLong(0),
                in.getLong(FORK),
                in.getLong(LENGTH),
                in.getLong(BYTE_LENGTH),
                Hash.of(slot, TREE_HASH),
                in.getLong(DATA_TAIL),
                (in.getInt(FLAGS) & FORCED) != 0,
                in.getLong(APPENDED_FROM),
                signature);
    }

    private static int checksum(byte[] slot, int signatureLength) {
        CRC32C crc = new CRC32C();
        crc.update(slot, 0, CHECKSUM);
        crc.update(slot, FIXED_BYTES, signatureLength);
        return (int) crc.getValue();
    }
}

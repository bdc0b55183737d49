package dev.espalier.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of every file of a store.
 *
 * <pre>
 *  0                   4                   8
 *  +-------------------+-------------------+
 *  | magic "ESPALIER"                      |  0
 *  +-------------------+---------+---------+
 *  | kind, 4 letters   | version | minor   |  8
 *  +-------------------+---------+---------+
 *  | features needed   | features used     | 16
 *  +-------------------+-------------------+
 *  | parameter, its meaning is the kind's  | 24
 *  +---------------------------------------+
 *  | tag: which log or store the file      | 32
 *  | belongs to (zeros: any)               |
 *  +---------------------------------------+
 *  | reserved, zero                        | 48
 *  +-------------------+-------------------+
 *  | reserved, zero    | CRC32C of 0..59   | 56
 *  +-------------------+-------------------+
 * </pre>
 *
 * <p>A reader refuses another {@code version} than it knows, and any bit in {@code features needed} that it does not
 * know. It ignores {@code minor} and {@code features used}, which say what a writer did that old readers need not
 * understand. <b>Byte order:</b> little endian.
 *
 * @param kind what the file holds
 * @param parameter a number that belongs to the kind
 * @param tag 16 bytes that tie the file to its log; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record FileHeader(FileKind kind, long parameter, byte[] tag) {

    /** Encoded length in bytes. */
    static final int BYTES = 64;

    /** Length of a tag in bytes. */
    static final int TAG_BYTES = 16;

    /** The version of all layouts that this library writes and reads. */
    static final int VERSION = 1;

    private static final byte[] MAGIC = "ESPALIER".getBytes(StandardCharsets.US_ASCII);
    private static final int KNOWN_FEATURES = 0;

    private static final int KIND = 8;
    private static final int VERSION_AT = 12;
    private static final int FEATURES = 16;
    private static final int PARAMETER = 24;
    private static final int TAG = 32;
    private static final int CHECKSUM = 60;

    /** A tag for a file that belongs to no log in particular. */
    static byte[] noTag() {
        return new byte[TAG_BYTES];
    }

    /** The 64 bytes. */
    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.put(0, MAGIC);
        out.putInt(KIND, kind.code());
        out.putShort(VERSION_AT, (short) VERSION);
        out.putLong(PARAMETER, parameter);
        out.put(TAG, tag);
        out.putInt(CHECKSUM, checksum(out.array(), 0, CHECKSUM));
        return out.array();
    }

    /**
     * Reads and checks the first bytes of a file that must be of {@code kind} and belong to {@code tag}.
     *
     * @throws CorruptLogException when the file is short, damaged, or something else
     * @throws UnsupportedVersionException when a newer version wrote it
     */
    static FileHeader decode(Path file, byte[] start, FileKind kind, byte[] tag) {
        if (start.length < BYTES) {
            throw new CorruptLogException(file, 0, "File header", BYTES + " bytes", start.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new CorruptLogException(
                    file, 0, "Magic number", "\"ESPALIER\"", HexFormat.of().formatHex(start, 0, MAGIC.length));
        }
        // Before the checksum: a newer version may have another header behind these fields.
        int version = in.getShort(VERSION_AT) & 0xffff;
        if (version > VERSION) {
            throw new UnsupportedVersionException(
                    file, "the version of its format", "up to " + VERSION, Integer.toString(version));
        }
        int checksum = checksum(start, 0, CHECKSUM);
        if (in.getInt(CHECKSUM) != checksum) {
            throw new CorruptLogException(
                    file, CHECKSUM, "Checksum of the file header", hex(checksum), hex(in.getInt(CHECKSUM)));
        }
        if (version != VERSION) {
            throw new CorruptLogException(
                    file, VERSION_AT, "Version", Integer.toString(VERSION), Integer.toString(version));
        }
        int unknown = in.getInt(FEATURES) & ~KNOWN_FEATURES;
        if (unknown != 0) {
            throw new UnsupportedVersionException(file, "the set of features it needs", "none", hex(unknown));
        }
        if (in.getInt(KIND) != kind.code()) {
            throw new CorruptLogException(file, KIND, "Kind of file", hex(kind.code()), hex(in.getInt(KIND)));
        }
        byte[] found = Arrays.copyOfRange(start, TAG, TAG + TAG_BYTES);
        if (!Arrays.equals(found, tag)) {
            HexFormat format = HexFormat.of();
            throw new CorruptLogException(
                    file, TAG, "Log that the file belongs to", format.formatHex(tag), format.formatHex(found));
        }
        return new FileHeader(kind, in.getLong(PARAMETER), found);
    }

    /** The version that the first bytes of a file name, at least {@link #BYTES}; not checked otherwise. */
    static int version(byte[] start) {
        return ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getShort(VERSION_AT) & 0xffff;
    }

    /** A copy of a file, or of its beginning, that names another version. */
    static byte[] withVersion(byte[] file, int version) {
        byte[] copy = file.clone();
        ByteBuffer out = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        out.putShort(VERSION_AT, (short) version);
        out.putInt(CHECKSUM, checksum(copy, 0, CHECKSUM));
        return copy;
    }

    /** Whether a file has no header yet: it is too short, or there are zeros. */
    static boolean isAbsent(StorageFile file) {
        byte[] start = new byte[BYTES];
        return file.read(0, ByteBuffer.wrap(start)) < BYTES || isAbsent(start);
    }

    /** Whether a file that begins so has no header yet. */
    static boolean isAbsent(byte[] start) {
        return start.length < BYTES || Arrays.equals(start, 0, BYTES, new byte[BYTES], 0, BYTES);
    }

    /** CRC32C of {@code length} bytes of {@code bytes} from {@code offset}. */
    static int checksum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    private static String hex(int value) {
        return String.format("0x%08x", value);
    }
}

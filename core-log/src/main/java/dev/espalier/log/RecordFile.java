package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is always read and replaced as a whole: {@link FileHeader}, then a payload in compact encoding.
 * The header's parameter holds the payload's length (low 32 bits) and CRC32C (high 32 bits).
 */
final class RecordFile {

    /** Most bytes that a payload may have: user data lives in one. */
    static final int MAX_PAYLOAD = 16 << 20;

    private RecordFile() {}

    /** Replaces the file, or makes it; durable on return. */
    static void write(Storage storage, Path path, FileKind kind, byte[] tag, CompactWriter payload, boolean secret) {
        byte[] body = payload.toByteArray();
        if (body.length > MAX_PAYLOAD) {
            throw new StorageException(
                    "BAD_ARGUMENT",
                    "File " + path + " would take " + body.length + " bytes, the most is " + MAX_PAYLOAD + ".",
                    path,
                    null);
        }
        long parameter = (long) FileHeader.checksum(body, 0, body.length) << 32 | body.length;
        byte[] header = new FileHeader(kind, parameter, tag).encode();
        byte[] all = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, all, header.length, body.length);
        storage.replace(path, all, secret);
    }

    /** The payload; null when there is no such file. */
    static @Nullable CompactReader read(Storage storage, Path path, FileKind kind, byte[] tag) {
        byte[] all = storage.read(path, FileHeader.BYTES + MAX_PAYLOAD);
        if (all == null) {
            return null;
        }
        long parameter = FileHeader.decode(path, all, kind, tag).parameter();
        int length = (int) parameter;
        if (length != all.length - FileHeader.BYTES) {
            throw new CorruptLogException(
                    path,
                    FileHeader.BYTES,
                    "Length of the content",
                    length + " bytes",
                    all.length - FileHeader.BYTES + " bytes");
        }
        byte[] body = Arrays.copyOfRange(all, FileHeader.BYTES, all.length);
        int expected = (int) (parameter >>> 32);
        int actual = FileHeader.checksum(body, 0, body.length);
        if (actual != expected) {
            throw new CorruptLogException(
                    path,
                    FileHeader.BYTES,
                    "Checksum of the content",
                    Integer.toHexString(expected),
                    Integer.toHexString(actual));
        }
        return new CompactReader(body);
    }
}

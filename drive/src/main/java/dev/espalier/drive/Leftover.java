package dev.espalier.drive;

import dev.espalier.log.Log;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Blocks that a batch appended to the blobs of a drive before its process was killed, so that no entry leads to them. The
 * next batch takes them over as far as they are the blocks that it would append, and the drive ends as if nothing had
 * happened: its tree hashes are the same.
 *
 * <p>A note kept with the blobs log, on this machine only, says where they begin. It is written before the first block
 * and removed when the entries are in. One that a later batch finds for another version of the db is of no use any more.
 *
 * <pre>
 * offset  0           8               16                    24
 *         db version  first block     bytes before it       end      each little-endian
 * </pre>
 *
 * <p><b>Threading:</b> under the lock of the blobs log.
 */
final class Leftover {

    private static final String NOTE = "espalier/batch";
    private static final int NOTE_BYTES = 24;

    private final Drive drive;
    private final Log blobs;
    private boolean begun;
    private long next;
    private long nextByte;

    Leftover(Drive drive, Log blobs) {
        this.drive = drive;
        this.blobs = blobs;
    }

    /** Finds out where the next blob begins; the first time reads the note, or writes it. */
    void begin() {
        if (begun) {
            return;
        }
        byte[] note = blobs.userData(NOTE);
        long version = Math.max(1, drive.db().length());
        if (note == null || !read(ByteBuffer.wrap(note).order(ByteOrder.LITTLE_ENDIAN), version)) {
            next = blobs.length();
            nextByte = blobs.byteLength();
            blobs.userData(
                    NOTE,
                    ByteBuffer.allocate(NOTE_BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(version)
                            .putLong(next)
                            .putLong(nextByte)
                            .array());
        }
        begun = true;
    }

    private boolean read(ByteBuffer note, long version) {
        if (note.remaining() != NOTE_BYTES || note.getLong() != version) {
            return false;
        }
        next = note.getLong();
        nextByte = note.getLong();
        return next >= 0 && next <= blobs.length() && nextByte >= 0 && nextByte <= blobs.byteLength();
    }

    /** Block with which the next blob begins, if it is one of these. */
    long next() {
        return next;
    }

    /** Bytes before that, padding not counted. */
    long nextByte() {
        return nextByte;
    }

    /** The next blob begins here. */
    void advance(long block, long bytes) {
        next = block;
        nextByte = bytes;
    }

    /** Whether a block of the blobs holds these bytes. */
    boolean holds(long index, ByteBuffer bytes) {
        boolean[] same = new boolean[1];
        return blobs.read(index, held -> same[0] = held.equals(bytes)) && same[0];
    }

    /** The entries are in: nothing is left over. */
    void end() {
        if (begun) {
            blobs.userData(NOTE, null);
        }
    }
}

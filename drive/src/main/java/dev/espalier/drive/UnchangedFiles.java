package dev.espalier.drive;

import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier mirror into a drive knew of files on disk: the stamp of each and the blob that has its bytes. A file with
 * the same stamp has the same bytes and is not read. Why that holds is told in {@code docs/unchanged-files.md}.
 *
 * <pre>
 * offset 0   magic "ESPSTAMP", 8 bytes
 *        8   version 1, 4 bytes
 *        then for each file, by the UTF-8 bytes of its path, all numbers big-endian
 *              length of the path, 4        path
 *              size 8, modified 8, changed 8, inode 8, device 8
 *              blob: first block 8, byte offset 8, blocks 8, bytes 8, whether it is a map 1
 *        then  -1, 4 bytes
 *              blobs log: fork 8, length 8, tree hash 32
 *              CRC-32C of all before, 4
 * </pre>
 *
 * <p>A file that is damaged, of another version, or about blobs that are no more, counts as none: all is read then.
 *
 * <p><b>Threading:</b> one thread.
 */
final class UnchangedFiles implements AutoCloseable {

    /** How long nobody may have written to a file before it is remembered. */
    static final Duration MARGIN = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(UnchangedFiles.class);
    private static final long MAGIC = 0x4553505354414d50L; // ESPSTAMP
    private static final int VERSION = 1;
    private static final int END = -1;
    private static final int MAX_PATH = 1 << 16;
    private static final int BUFFER = 1 << 16;

    /** A file that is known. */
    private record Known(String path, FileStamp stamp, BlobId blob) {}

    private final Path file;
    private final Path temporary;
    private final Log blobs;
    private final long margin;

    /** Looked up, in path order; null at the end, or when nothing is known. */
    private @Nullable DataInputStream in;

    private @Nullable Known current;

    /** Written anew, in path order; null when nothing is to be remembered. */
    private @Nullable DataOutputStream out;

    private final CRC32C crc = new CRC32C();
    private @Nullable String lastWritten;

    /** Reads what {@code file} knows, unless {@code forget}; notes what is learnt if {@code learn}. */
    UnchangedFiles(Path file, Log blobs, Duration margin, boolean forget, boolean learn) {
        this.file = file;
        this.temporary = file.resolveSibling(file.getFileName() + ".tmp");
        this.blobs = blobs;
        this.margin = margin.toNanos();
        if (!forget) {
            openKnown();
        }
        if (learn) {
            openNew();
        }
    }

    // ---- looking up

    private void openKnown() {
        try {
            if (isSound()) {
                DataInputStream opened =
                        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
                opened.skipNBytes(12);
                in = opened;
                current = next(opened);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("Nothing is known of files yet: {}", file);
        } catch (IOException | IllegalArgumentException | EspalierException e) {
            LOG.debug("What was known of files is of no use: {}", file, e);
            closeKnown();
        }
    }

    /** Reads all of it once: nothing of it counts before its checksum was seen. */
    private boolean isSound() throws IOException {
        CheckedInputStream checked =
                new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER), new CRC32C());
        try (DataInputStream all = new DataInputStream(checked)) {
            if (all.readLong() != MAGIC || all.readInt() != VERSION) {
                return false;
            }
            for (int length = all.readInt(); length != END; length = all.readInt()) {
                if (length < 0 || length > MAX_PATH) {
                    return false;
                }
                all.skipNBytes(length + 9 * Long.BYTES + 1L);
            }
            long fork = all.readLong();
            long length = all.readLong();
            Hash treeHash = Hash.of(all.readNBytes(Hash.BYTES));
            int sum = (int) checked.getChecksum().getValue();
            return all.readInt() == sum
                    && fork == blobs.fork()
                    && length >= 0
                    && length <= blobs.length()
                    && blobs.treeHash(length).equals(treeHash);
        }
    }

    private static @Nullable Known next(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == END) {
            return null;
        }
        byte[] path = in.readNBytes(length);
        if (path.length < length) {
            throw new EOFException();
        }
        FileStamp stamp = new FileStamp(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
        BlobId blob = new BlobId(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readBoolean());
        return new Known(new String(path, StandardCharsets.UTF_8), stamp, blob);
    }

    /** Whether a file has the bytes of a blob, by what is known. Paths are asked for in order, others are not found. */
    boolean isSame(String path, FileStamp stamp, BlobId blob) {
        DataInputStream source = in;
        if (source == null) {
            return false;
        }
        try {
            Known known = current;
            while (known != null && DrivePath.compare(known.path(), path) < 0) {
                known = next(source);
            }
            current = known;
            return known != null
                    && known.path().equals(path)
                    && known.stamp().equals(stamp)
                    && known.blob().equals(blob);
        } catch (IOException e) {
            LOG.debug("What was known of files cannot be read on: {}", file, e);
            closeKnown();
            return false;
        }
    }

    private void closeKnown() {
        try (InputStream closing = in) {
            in = null;
            current = null;
        } catch (IOException e) {
            LOG.debug("{} cannot be closed", file, e);
        }
    }

    // ---- learning

    private void openNew() {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            OutputStream target = new BufferedOutputStream(Files.newOutputStream(temporary), BUFFER);
            DataOutputStream opened = new DataOutputStream(new CheckedOutputStream(target, crc));
            out = opened;
            opened.writeLong(MAGIC);
            opened.writeInt(VERSION);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** Time now, as {@link #learn} wants it, to be asked before the file is looked at. */
    static long now() {
        return System.currentTimeMillis() * 1_000_000;
    }

    /**
     * Notes that a file has the bytes of a blob, if that will be seen to hold later.
     *
     * @param before the stamp before the file was read, at the time {@code since}
     * @param after the stamp after that, or the same when it was not read
     */
    void learn(String path, FileStamp before, long since, @Nullable FileStamp after, BlobId blob) {
        DataOutputStream target = out;
        if (target == null
                || !before.equals(after)
                || !before.isOlderThan(margin, since)
                || (lastWritten != null && DrivePath.compare(lastWritten, path) >= 0)) {
            return;
        }
        byte[] utf8 = DrivePath.utf8(path);
        if (utf8.length > MAX_PATH) {
            return;
        }
        lastWritten = path;
        try {
            target.writeInt(utf8.length);
            target.write(utf8);
            target.writeLong(before.size());
            target.writeLong(before.modified());
            target.writeLong(before.changed());
            target.writeLong(before.inode());
            target.writeLong(before.device());
            target.writeLong(blob.blockOffset());
            target.writeLong(blob.byteOffset());
            target.writeLong(blob.blockLength());
            target.writeLong(blob.byteLength());
            target.writeBoolean(blob.blockMap());
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** Puts what was learnt in place of what was known; the blobs must be in the log. */
    void commit() {
        DataOutputStream target = out;
        if (target == null) {
            return;
        }
        try {
            target.writeInt(END);
            target.writeLong(blobs.fork());
            target.writeLong(blobs.length());
            target.write(blobs.treeHash().bytes());
            target.writeInt((int) crc.getValue());
            target.close();
            out = null;
            closeKnown();
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** What cannot be remembered is read again the next time; that is no failure. */
    private void giveUp(IOException e) {
        LOG.warn("What is known of files cannot be kept in {}: {}", file, LocalFolder.reason(e));
        close();
    }

    /** Drops what was learnt and not committed. */
    @Override
    public void close() {
        closeKnown();
        try (OutputStream closing = out) {
            if (closing != null) {
                out = null;
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be removed", temporary, e);
        }
    }
}

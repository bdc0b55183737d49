package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a part of a file on disk; does not follow links. Failures are {@link EspalierException}. */
final class FolderInput extends InputStream {

    private final Path file;
    private final InputStream in;
    private long left;

    private FolderInput(Path file, InputStream in, long left) {
        this.file = file;
        this.in = in;
        this.left = left;
    }

    static FolderInput open(Path file, long start, long length) {
        if (start < 0 || length < 0) {
            throw new IllegalArgumentException("negative range " + start + ", " + length);
        }
        try {
            InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
            FolderInput opened = new FolderInput(file, in, length);
            long ahead = start;
            for (long skipped = 1; ahead > 0 && skipped > 0; ahead -= skipped) {
                skipped = in.skip(ahead);
            }
            return opened;
        } catch (NoSuchFileException e) {
            throw Failures.notFound("There is no file " + file + ".");
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static EspalierException failure(Path file, IOException e) {
        return Failures.io(file + " cannot be read: " + LocalFolder.reason(e) + ".", e);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            return -1;
        }
        try {
            int read = in.read(target, offset, (int) Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw failure(file, e);
        }
    }
}

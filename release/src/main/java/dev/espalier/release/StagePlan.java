package dev.espalier.release;

import dev.espalier.drive.Entry;
import dev.espalier.drive.FileTree;
import dev.espalier.drive.MirrorOp;
import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * All that staging is going to do, as one hash: BLAKE2b over the tree hash of the drive before, then for each path, in the
 * order of the steps
 *
 * <pre>
 * mark   1 byte: '-' removed, '+' added, '~' changed, '!' purged
 * path   length in 4 bytes, big-endian, and UTF-8
 * kind   of what comes: 'F' file, 'X' executable file, 'L' link; none for what goes
 * bytes  32: hash of the file's bytes, or of the link's text
 * </pre>
 *
 * <p><b>Threading:</b> one thread.
 */
final class StagePlan {

    private final FileTree source;
    private final Blake2b all = new Blake2b(Hash.BYTES);

    StagePlan(FileTree source, Hash before) {
        this.source = source;
        all.update(before.bytes());
    }

    /** An ignored file goes. */
    void purged(String path) {
        begin('!', path);
    }

    /** The next step of the mirror. */
    void add(MirrorOp op) {
        switch (op.type()) {
            case REMOVE -> begin('-', op.path());
            case ADD, CHANGE -> {
                begin(op.type() == MirrorOp.Type.ADD ? '+' : '~', op.path());
                Entry entry = source.entry(op.path());
                if (entry != null) {
                    content(entry);
                }
            }
            case EQUAL -> {
                // Nothing happens to it.
            }
        }
    }

    private void begin(char mark, String path) {
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        all.update((byte) mark)
                .update(ByteBuffer.allocate(Integer.BYTES).putInt(0, utf8.length))
                .update(utf8, 0, utf8.length);
    }

    private void content(Entry entry) {
        String linkname = entry.linkname();
        if (linkname != null && entry.isLink()) {
            all.update((byte) 'L');
            all.update(Hash.digest(linkname.getBytes(StandardCharsets.UTF_8)).bytes());
            return;
        }
        all.update((byte) (entry.executable() ? 'X' : 'F'));
        Blake2b file = new Blake2b(Hash.BYTES);
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = source.newInputStream(entry, 0, Long.MAX_VALUE)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                file.update(chunk, 0, read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        all.update(file.digest());
    }

    /** The hash of all steps; ends the plan. */
    Hash hash() {
        return Hash.of(all.digest());
    }
}

package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.FlatTree;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log in one file: what is held of it, under its signed head.
 *
 * <pre>
 *  0 +------------------------------+
 *    | file header, kind EXPO       |
 * 64 +------------------------------+
 *    | u32 bytes of the head        |
 * 68 +------------------------------+
 *    | head                         |
 *    +------------------------------+
 *    | what is below each root      |
 *    +------------------------------+
 *
 * head          key, 32 bytes ‖ optionalBuffer manifest ‖ uint fork ‖ uint length ‖ optionalBuffer signature
 *               ‖ for each root, left to right: uint size ‖ hash 32
 * below a node  00                                        nothing of it is held
 *               01 ‖ u64 size of the left child ‖ hash of the left one ‖ hash of the right one
 *                  ‖ below the left one ‖ below the right one
 * below a leaf  00                                        the block is not held
 *               01 ‖ its bytes as they are stored, as many as the leaf says
 * </pre>
 *
 * <p>A node comes before those below it, so that a reader has verified what leads to it and needs no more memory than the
 * tree is deep, and one block. Nothing but the key of the log identifies it: no key pair is in the file, and no note.
 * <b>Byte order:</b> little endian.
 */
final class ExportFile {

    private static final int MAX_HEAD = 1 << 20;
    private static final int HEAD_AT = FileHeader.BYTES + Integer.BYTES;
    private static final int PAIR_BYTES = Long.BYTES + 2 * Hash.BYTES;

    private ExportFile() {}

    // ---- writing

    /** Writes a log as it is now; the file is there as a whole or not at all. */
    static TreeCopy.Report write(LogCore core, Path file) {
        Path aside = file.resolveSibling(file.getFileName() + ".partial");
        Frozen frozen = core.freeze();
        core.views().enter();
        try {
            TreeCopy.Report report;
            try (FileChannel channel = FileChannel.open(
                    aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
                out.write(new FileHeader(FileKind.EXPORT, 0, FileHeader.noTag()).encode());
                byte[] head = head(core.identity(), frozen.head());
                out.write(u32(head.length));
                out.write(head);
                report = TreeCopy.run(frozen.head().roots(), new FrozenSource(core, frozen), new FileSink(out));
                out.flush();
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return report;
        } catch (IOException e) {
            throw StorageErrors.of("write", file, e);
        } finally {
            core.views().leave();
            core.snapshots().forget(frozen);
            deleteQuietly(aside);
        }
    }

    private static void deleteQuietly(Path aside) {
        try {
            Files.deleteIfExists(aside);
        } catch (IOException e) {
            // What failed before says why.
        }
    }

    private static byte[] head(Identity identity, TreeHead head) {
        Manifest manifest = identity.manifest();
        CompactWriter out = new CompactWriter(512)
                .raw(identity.key().bytes())
                .optionalBuffer(manifest == null ? null : manifest.encoded())
                .uint(head.fork())
                .uint(head.length())
                .optionalBuffer(head.signature());
        head.roots().forEach(root -> out.uint(root.size()).hash(root.hash()));
        return out.toByteArray();
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private record FileSink(OutputStream out) implements TreeCopy.Sink {

        @Override
        public void children(TreeNode parent, NodeMender.@Nullable Pair children) throws IOException {
            if (children == null) {
                out.write(0);
                return;
            }
            ByteBuffer pair = ByteBuffer.allocate(1 + PAIR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            pair.put((byte) 1).putLong(children.left().size());
            pair.put(children.left().hash().bytes()).put(children.right().hash().bytes());
            out.write(pair.array());
        }

        @Override
        public void block(TreeNode leaf, @Nullable ByteBuffer bytes) throws IOException {
            out.write(bytes == null ? 0 : 1);
            if (bytes != null) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                out.write(copy);
            }
        }
    }

    // ---- reading

    /** Adds the log in a file to a store, nothing where the file does not hold; its key. */
    static Key read(OpenStore store, Path file) {
        try (FileSource source = new FileSource(file)) {
            Head head = source.head();
            try (Log log =
                    store.made(Identity.of(head.key(), head.manifest(), null).withRestored(true))) {
                fill(log.core(), head.head(), source);
            } catch (RuntimeException | IOException e) {
                if (!(e instanceof EspalierException known && known.code().equals(OpenStore.EXISTS))) {
                    store.purge(head.key().discoveryKey());
                }
                throw e;
            }
            return head.key();
        } catch (IOException e) {
            throw StorageErrors.of("read", file, e);
        }
    }

    private static void fill(LogCore core, TreeHead head, FileSource source) throws IOException {
        core.writing().lock();
        try {
            CoreSink sink = new CoreSink(core, head);
            TreeCopy.run(head.roots(), source, sink);
            source.checkEnd();
            sink.finish();
        } finally {
            core.writing().unlock();
        }
    }

    /** What stands before the tree. */
    private record Head(Key key, @Nullable Manifest manifest, TreeHead head) {}

    private static final class FileSource implements TreeCopy.Source, AutoCloseable {

        private final Path file;
        private final InputStream in;
        private long position;

        FileSource(Path file) throws IOException {
            this.file = file;
            this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        }

        /** The head, verified. */
        Head head() throws IOException {
            FileHeader.decode(file, in.readNBytes(FileHeader.BYTES), FileKind.EXPORT, FileHeader.noTag());
            position = FileHeader.BYTES;
            int length = ByteBuffer.wrap(bytes(Integer.BYTES, "length of the head"))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt();
            if (length < 0 || length > MAX_HEAD) {
                throw wrong("a head of " + Integer.toUnsignedString(length) + " bytes", -1);
            }
            try {
                return decode(new CompactReader(bytes(length, "head")));
            } catch (EncodingException | VerificationException e) {
                throw new CorruptLogException(file, HEAD_AT, "Head", "one that holds", e.getMessage());
            }
        }

        private Head decode(CompactReader in) {
            Key key = Key.of(in.fixed(Key.BYTES));
            byte[] encoded = in.optionalBuffer();
            Manifest manifest = encoded == null ? null : Manifest.decode(new CompactReader(encoded));
            long fork = in.uint();
            long length = in.uint();
            byte[] signature = in.optionalBuffer();
            if (length > FlatTree.MAX_INDEX / 2) {
                throw new EncodingException("a log of " + length + " blocks");
            }
            List<TreeNode> roots = new ArrayList<>();
            for (long index : FlatTree.roots(length)) {
                roots.add(new TreeNode(index, in.uint(), in.hash()));
            }
            if (in.remaining() > 0) {
                throw new EncodingException(in.remaining() + " bytes too many");
            }
            ProofBatch.checkSignature(signature);
            TreeHead head = TreeHead.of(fork, roots, signature);
            boolean untouched = fork == 0 && length == 0;
            if (manifest != null || !untouched) {
                verify(key, manifest, head, untouched);
            }
            return new Head(key, manifest, head);
        }

        private static void verify(Key key, @Nullable Manifest manifest, TreeHead head, boolean untouched) {
            if (manifest == null) {
                throw new EncodingException("a head without the manifest that says who signs it");
            }
            boolean holds =
                    HeadVerifier.of(key, manifest).verify(head.roots(), head.length(), head.fork(), head.signature());
            if (!holds && !(untouched && head.signature() == null)) {
                throw new VerificationException(
                        VerificationException.INVALID_SIGNATURE, "a signature that does not hold");
            }
        }

        @Override
        public NodeMender.@Nullable Pair children(TreeNode parent) throws IOException {
            if (!flag()) {
                return null;
            }
            ByteBuffer pair = ByteBuffer.wrap(bytes(PAIR_BYTES, "two nodes")).order(ByteOrder.LITTLE_ENDIAN);
            long size = pair.getLong();
            if (size < 0 || size > parent.size()) {
                throw wrong("a left child of " + Long.toUnsignedString(size) + " bytes", parent.index());
            }
            return new NodeMender.Pair(
                    new TreeNode(FlatTree.leftChild(parent.index()), size, hash(pair)),
                    new TreeNode(FlatTree.rightChild(parent.index()), parent.size() - size, hash(pair)));
        }

        private static Hash hash(ByteBuffer from) {
            byte[] hash = new byte[Hash.BYTES];
            from.get(hash);
            return Hash.of(hash);
        }

        @Override
        public @Nullable ByteBuffer block(TreeNode leaf) throws IOException {
            return flag() ? ByteBuffer.wrap(bytes((int) leaf.size(), "block " + leaf.index() / 2)) : null;
        }

        private boolean flag() throws IOException {
            byte flag = bytes(1, "mark of what follows")[0];
            if (flag != 0 && flag != 1) {
                throw wrong("the mark " + flag, -1);
            }
            return flag == 1;
        }

        private byte[] bytes(int count, String what) throws IOException {
            byte[] bytes = in.readNBytes(count); // Takes memory as bytes come, whatever the file claims.
            if (bytes.length < count) {
                throw new CorruptLogException(file, position, what, count + " bytes", bytes.length + " bytes");
            }
            position += count;
            return bytes;
        }

        /** Refuses what comes after the tree. */
        void checkEnd() throws IOException {
            if (in.read() >= 0) {
                throw wrong("more bytes after the end", -1);
            }
        }

        @Override
        public CorruptLogException wrong(String what, long index) {
            return new CorruptLogException(
                    file,
                    position,
                    index < 0 ? "Exported log" : "Tree node " + index,
                    index < 0 ? "one that was written to its end" : "what the signed head says",
                    what);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}

package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a {@link ProofRequest}, as it travels (log specification §8). Says nothing about whether it holds: see
 * {@link ProofVerifier}.
 *
 * <p>Encoding is in two parts around the block's bytes, so that these can go from a file to a socket without passing
 * through an array: {@link #encodeBeforeValue}, the bytes, {@link #encodeAfterValue}. <b>Threading:</b> immutable, as
 * long as nobody writes to the block's bytes.
 *
 * @param fork fork number of the log it was made from
 * @param block a block with its path, or null
 * @param hash a node with its path, or null; there is no block then
 * @param seek where a byte position lies, or null
 * @param upgrade a newer head, or null
 * @param manifest who may sign, or null
 */
public record Proof(
        long fork,
        @Nullable Block block,
        @Nullable NodePath hash,
        @Nullable SeekPath seek,
        @Nullable Upgrade upgrade,
        @Nullable Manifest manifest) {

    private static final int BLOCK = 1;
    private static final int HASH = 2;
    private static final int SEEK = 4;
    private static final int UPGRADE = 8;
    private static final int MANIFEST = 16;

    /**
     * A block and the siblings on its path, bottom up.
     *
     * @param index which block, from 0
     * @param value a view of its stored bytes; null until the log attached them
     * @param nodes the siblings
     */
    public record Block(long index, @Nullable ByteBuffer value, List<TreeNode> nodes) {

        /** Copies the nodes. */
        public Block {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * The node itself, then the siblings on its path, bottom up.
     *
     * @param index flat index of the node
     * @param nodes the nodes
     */
    public record NodePath(long index, List<TreeNode> nodes) {

        /** Copies the nodes. */
        public NodePath {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * The seek root, then the siblings on its path.
     *
     * @param bytes the position asked for
     * @param nodes the nodes
     */
    public record SeekPath(long bytes, List<TreeNode> nodes) {

        /** Copies the nodes. */
        public SeekPath {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * What leads from the tree of {@code start} blocks to the signed head.
     *
     * @param start blocks the asker has
     * @param length blocks asked for beyond them
     * @param nodes nodes that lead to {@code start + length} blocks
     * @param additional nodes that lead on to the newest head, the only one with a signature
     * @param signature signature field of the newest head, or null; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // as it travels, never compared
    public record Upgrade(
            long start, long length, List<TreeNode> nodes, List<TreeNode> additional, byte @Nullable [] signature) {

        /** Copies the nodes. */
        public Upgrade {
            nodes = List.copyOf(nodes);
            additional = List.copyOf(additional);
        }
    }

    /**
     * The same with the block's bytes.
     *
     * @throws IllegalStateException when the proof has no block
     */
    public Proof withValue(ByteBuffer value) {
        if (block == null) {
            throw new IllegalStateException("a proof without a block takes no bytes");
        }
        return new Proof(fork, new Block(block.index(), value, block.nodes()), hash, seek, upgrade, manifest);
    }

    /** The same with the manifest, or without one. */
    public Proof withManifest(@Nullable Manifest manifest) {
        return new Proof(fork, block, hash, seek, upgrade, manifest);
    }

    /**
     * Body of a {@code data} message (from its flags on) answering {@code request}, up to just before the block's bytes;
     * all when there is no block.
     *
     * @throws IllegalStateException when the block has no bytes yet, whose number comes before them
     */
    public void encodeBeforeValue(CompactWriter out, long request) {
        int flags = (block != null ? BLOCK : 0)
                | (hash != null ? HASH : 0)
                | (seek != null ? SEEK : 0)
                | (upgrade != null ? UPGRADE : 0)
                | (manifest != null ? MANIFEST : 0);
        out.uint(flags).uint(request).uint(fork);
        if (block == null) {
            encodeAfterBlock(out);
        } else {
            out.uint(block.index()).uint(valueOf(block).remaining());
        }
    }

    /** The rest, after the block's bytes; nothing when there is no block. */
    public void encodeAfterValue(CompactWriter out) {
        if (block != null) {
            encodeNodes(out, block.nodes());
            encodeAfterBlock(out);
        }
    }

    /** The whole body of a {@code data} message (from its flags on) answering {@code request}, the block copied. */
    public void encode(CompactWriter out, long request) {
        encodeBeforeValue(out, request);
        if (block != null) {
            out.raw(valueOf(block));
            encodeAfterValue(out);
        }
    }

    private void encodeAfterBlock(CompactWriter out) {
        if (hash != null) {
            out.uint(hash.index());
            encodeNodes(out, hash.nodes());
        }
        if (seek != null) {
            out.uint(seek.bytes());
            encodeNodes(out, seek.nodes());
        }
        if (upgrade != null) {
            out.uint(upgrade.start()).uint(upgrade.length());
            encodeNodes(out, upgrade.nodes());
            encodeNodes(out, upgrade.additional());
            out.optionalBuffer(upgrade.signature());
        }
        if (manifest != null) {
            out.raw(manifest.raw());
        }
    }

    private static ByteBuffer valueOf(Block block) {
        ByteBuffer value = block.value();
        if (value == null) {
            throw new IllegalStateException("the bytes of block " + block.index() + " are not attached yet");
        }
        return value;
    }

    /**
     * A decoded {@code data} message.
     *
     * @param request the number of the request it answers; 0 when nobody asked
     * @param proof what it shows
     */
    public record Message(long request, Proof proof) {}

    /**
     * Reads the body of a {@code data} message. The value is a view of the reader's buffer.
     *
     * @throws EncodingException when bytes are missing or out of range
     */
    public static Message decode(CompactReader in) {
        long flags = in.uint();
        long request = in.uint();
        long fork = in.uint();
        Block block = (flags & BLOCK) != 0 ? new Block(in.uint(), in.bufferView(), decodeNodes(in)) : null;
        NodePath hash = (flags & HASH) != 0 ? new NodePath(in.uint(), decodeNodes(in)) : null;
        SeekPath seek = (flags & SEEK) != 0 ? new SeekPath(in.uint(), decodeNodes(in)) : null;
        Upgrade upgrade = (flags & UPGRADE) != 0
                ? new Upgrade(in.uint(), in.uint(), decodeNodes(in), decodeNodes(in), in.optionalBuffer())
                : null;
        Manifest manifest = (flags & MANIFEST) != 0 ? Manifest.decode(in) : null;
        return new Message(request, new Proof(fork, block, hash, seek, upgrade, manifest));
    }

    static void encodeNodes(CompactWriter out, List<TreeNode> nodes) {
        out.uint(nodes.size());
        for (TreeNode node : nodes) {
            node.encode(out);
        }
    }

    static List<TreeNode> decodeNodes(CompactReader in) {
        int count = in.count(TreeNode.MIN_ENCODED);
        List<TreeNode> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            nodes.add(TreeNode.decode(in));
        }
        return nodes;
    }
}

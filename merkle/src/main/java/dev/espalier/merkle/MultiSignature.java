package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The signature field of a log with several signers, or with a manifest of version 1 and up: signatures, and the nodes
 * that lead from the signed tree to longer trees some of them were made over (log specification §6, §7).
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param shares the signatures in the order they are looked at
 * @param nodes the shared patch nodes, each index once
 */
public record MultiSignature(List<Share> shares, List<TreeNode> nodes) {

    private static final int PATCHED = 1;
    private static final int MIN_SHARE = 2 + Signatures.BYTES;

    /**
     * One signature as it travels.
     *
     * @param signer position of the signer in the manifest
     * @param signature 64 bytes; not copied
     * @param patch by how many blocks the tree that was signed is longer, 0 for most
     */
    @SuppressWarnings("ArrayRecordComponent") // 64 bytes as they travel, never compared
    public record Share(long signer, byte[] signature, long patch) {}

    /**
     * What one signer contributes.
     *
     * @param signer position of the signer in the manifest
     * @param signature 64 bytes; not copied
     * @param patch by how many blocks his tree is longer than the target, 0 for most
     * @param nodes the nodes that lead from the target to his tree; empty without a patch
     */
    @SuppressWarnings("ArrayRecordComponent") // 64 bytes as they travel, never compared
    public record Contribution(int signer, byte[] signature, long patch, List<TreeNode> nodes) {

        /** Copies the nodes, which there are exactly when there is a patch. */
        public Contribution {
            if (signature.length != Signatures.BYTES) {
                throw new IllegalArgumentException("a signature has 64 bytes, not " + signature.length);
            }
            if (patch < 0 || (patch == 0) != nodes.isEmpty()) {
                throw new IllegalArgumentException("a patch of " + patch + " blocks with " + nodes.size() + " nodes");
            }
            nodes = List.copyOf(nodes);
        }

        /**
         * The contribution of a signer whose own log, of which {@code nodes} are stored, is at {@code head} and holds
         * the same blocks, for a target of {@code targetLength} blocks.
         *
         * @param signature the signer's 64 bytes over the target log's key and his own tree
         * @throws VerificationException {@code INVALID_OPERATION} when the head is shorter than the target, or the
         *     nodes needed are not stored
         */
        public static Contribution of(
                int signer, byte[] signature, NodeSource nodes, TreeHead head, long targetLength) {
            long patch = head.length() - targetLength;
            if (patch < 0) {
                throw VerificationException.operation("the signer's log has " + head.length()
                        + " blocks and cannot sign for " + targetLength + " blocks");
            }
            return new Contribution(
                    signer, signature, patch, patch == 0 ? List.of() : patchNodes(nodes, targetLength, head.length()));
        }
    }

    /** Copies the lists. */
    public MultiSignature {
        shares = List.copyOf(shares);
        nodes = List.copyOf(nodes);
    }

    /**
     * The nodes that extend the tree of {@code targetLength} blocks to that of {@code length} blocks.
     *
     * @throws VerificationException {@code INVALID_OPERATION} when one is not stored
     */
    public static List<TreeNode> patchNodes(NodeSource nodes, long targetLength, long length) {
        List<TreeNode> patch = new ArrayList<>();
        for (long index : UpgradePath.indexes(targetLength, length)) {
            patch.add(Prover.stored(nodes, index));
        }
        return patch;
    }

    /**
     * The longest length that {@code quorum} of the signers have reached: the quorum-th longest of {@code lengths}, 0
     * when there are too few. A quorum below 1 counts as 1.
     */
    public static long signableLength(long[] lengths, int quorum) {
        int needed = Math.max(1, quorum);
        if (needed > lengths.length) {
            return 0;
        }
        long[] sorted = lengths.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - needed];
    }

    /** The signature field of a log with a manifest of version 1 and up. */
    public static byte[] assemble(List<Contribution> contributions) {
        List<Share> shares = new ArrayList<>();
        List<TreeNode> nodes = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        for (Contribution part : contributions) {
            for (TreeNode node : part.nodes()) {
                if (seen.add(node.index())) {
                    nodes.add(node);
                }
            }
            shares.add(new Share(part.signer(), part.signature(), part.patch()));
        }
        return new MultiSignature(shares, nodes).encode();
    }

    /** The signature field in its encoding for manifests of version 1 and up. */
    public byte[] encode() {
        CompactWriter out = new CompactWriter(16 + shares.size() * 80 + nodes.size() * 48);
        out.uint(shares.size());
        for (Share share : shares) {
            out.uint(share.signer()).raw(share.signature()).uint(share.patch());
        }
        Proof.encodeNodes(out, nodes);
        return out.toByteArray();
    }

    /**
     * Reads the encoding for manifests of version 1 and up.
     *
     * @throws EncodingException when bytes are missing or out of range
     */
    public static MultiSignature decode(byte[] field) {
        CompactReader in = new CompactReader(field);
        int count = in.count(MIN_SHARE);
        List<Share> shares = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            shares.add(new Share(in.uint(), in.fixed(Signatures.BYTES), in.uint()));
        }
        return new MultiSignature(shares, Proof.decodeNodes(in));
    }

    /** The signature field of a log with a manifest of version 0 that has several signers or allows patches. */
    public static byte[] assembleV0(List<Contribution> contributions) {
        List<TreeNode> nodes = new ArrayList<>();
        CompactWriter out = new CompactWriter(16 + contributions.size() * 96);
        out.uint(contributions.size());
        for (Contribution part : contributions) {
            boolean patched = part.patch() > 0;
            out.uint(patched ? PATCHED : 0).uint(part.signer()).raw(part.signature());
            if (patched) {
                // Readers ignore the start; this is what JavaScript writes: the end of the upgrade.
                TreeNode last = part.nodes().get(part.nodes().size() - 1);
                out.uint(FlatTree.endBlock(last.index()))
                        .uint(part.patch())
                        .uint(part.nodes().size());
                for (TreeNode node : part.nodes()) {
                    int position = nodes.indexOf(node);
                    if (position < 0) {
                        position = nodes.size();
                        nodes.add(node);
                    }
                    out.uint(position);
                }
            }
        }
        Proof.encodeNodes(out, nodes);
        return out.toByteArray();
    }

    /**
     * Reads the encoding of version 0. Which of the nodes belong to which signature is not kept: their indexes say so.
     *
     * @throws EncodingException when bytes are missing or out of range
     */
    public static MultiSignature decodeV0(byte[] field) {
        CompactReader in = new CompactReader(field);
        int count = in.count(MIN_SHARE);
        List<Share> shares = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean patched = (in.uint() & PATCHED) != 0;
            long signer = in.uint();
            byte[] signature = in.fixed(Signatures.BYTES);
            long patch = 0;
            if (patched) {
                in.uint();
                patch = in.uint();
                for (int positions = in.count(1); positions > 0; positions--) {
                    in.uint();
                }
            }
            shares.add(new Share(signer, signature, patch));
        }
        return new MultiSignature(shares, Proof.decodeNodes(in));
    }

    /** The patch nodes by their flat index. */
    Map<Long, TreeNode> nodesByIndex() {
        Map<Long, TreeNode> byIndex = new HashMap<>();
        for (TreeNode node : nodes) {
            byIndex.put(node.index(), node);
        }
        return byIndex;
    }

    /**
     * The roots of the tree of {@code length + patch} blocks, made from {@code roots} of {@code length} blocks and patch
     * nodes.
     *
     * @return null when a node is missing or does not fit
     */
    static @Nullable List<TreeNode> extend(
            Map<Long, TreeNode> patchNodes, List<TreeNode> roots, long length, long patch) {
        long end = length + patch;
        if (end > TreeBatch.MAX_LENGTH) {
            return null;
        }
        List<TreeNode> path = new ArrayList<>();
        for (long index : UpgradePath.indexes(length, end)) {
            TreeNode node = patchNodes.get(index);
            if (node == null) {
                return null;
            }
            path.add(node);
        }
        TreeGrowth growth = new TreeGrowth(roots, new ArrayList<>());
        try {
            growth.upgrade(end, new NodeQueue(path, null));
        } catch (VerificationException e) {
            return null;
        }
        return growth.roots();
    }
}

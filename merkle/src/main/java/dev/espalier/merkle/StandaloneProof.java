package dev.espalier.merkle;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A proof that needs no other context than the log's key, as push notices carry it (log specification §10): discovery key,
 * then a {@code data} message with request 0, whose upgrade starts at 0.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param discoveryKey tells the receiver which log it is about without naming it to others
 * @param proof head, and usually a block
 */
public record StandaloneProof(Key discoveryKey, Proof proof) {

    /**
     * What a standalone proof shows.
     *
     * @param head the signed head
     * @param manifest the log's manifest
     * @param length blocks of the tree asked for: those of the head, or fewer
     * @param treeHash hash of the tree of {@code length} blocks, from which the head's grew
     * @param block the block with its bytes, proven to be in the log; null when the proof holds none
     * @param nodes the tree nodes shown, in the order made
     */
    public record Verified(
            TreeHead head,
            Manifest manifest,
            long length,
            Hash treeHash,
            Proof.@Nullable Block block,
            List<TreeNode> nodes) {}

    /**
     * A proof of block {@code index} and the newest head.
     *
     * @param manifest manifest of the log
     * @param key key of the log
     * @param nodes stored nodes of the log
     * @param head newest head of the log
     * @param value stored bytes of the block
     * @throws VerificationException {@code INVALID_OPERATION} when the block is not below the head, or below the prologue's
     *     end where there is one, or a node is not stored
     */
    public static StandaloneProof ofBlock(
            Key key, Manifest manifest, NodeSource nodes, TreeHead head, long index, ByteBuffer value) {
        ProofRequest request = new ProofRequest(
                new ProofRequest.Node(index, 0), null, null, new ProofRequest.Upgrade(0, head.length()), true);
        Prologue prologue = HeadVerifier.of(key, manifest).prologue();
        Proof proof =
                Prover.prove(nodes, head, prologue, request).withValue(value).withManifest(manifest);
        return new StandaloneProof(key.discoveryKey(), proof);
    }

    /** The bytes to send. */
    public byte[] encode() {
        CompactWriter out = new CompactWriter(512);
        out.raw(discoveryKey.raw());
        proof.encode(out, 0);
        return out.toByteArray();
    }

    /**
     * Reads a standalone proof; the block's value is a view of {@code source}.
     *
     * @throws EncodingException when bytes are missing or out of range
     */
    public static StandaloneProof decode(ByteBuffer source) {
        CompactReader in = new CompactReader(source);
        Key discoveryKey = Key.of(in.fixed(Key.BYTES));
        return new StandaloneProof(discoveryKey, Proof.decode(in).proof());
    }

    /**
     * Verifies this proof with nothing but the log's key. A block that does not lie below the signed head is refused.
     *
     * @throws VerificationException when it does not hold, or is about another log
     */
    public Verified verify(Key key) {
        if (!key.discoveryKey().equals(discoveryKey)) {
            throw VerificationException.operation("the proof is about another log than " + key);
        }
        FullProof full = FullProof.verify(new ProofVerifier(key, null), proof);
        return new Verified(
                full.head(),
                full.verifier().manifest(),
                Objects.requireNonNull(proof.upgrade()).length(),
                full.upgradeHash(),
                proof.block(),
                List.copyOf(full.nodes()));
    }
}

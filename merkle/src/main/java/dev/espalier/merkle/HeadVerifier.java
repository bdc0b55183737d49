package dev.espalier.merkle;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs and verifies the heads of one log (log specification §6).
 *
 * <p><b>Threading:</b> immutable.
 */
public final class HeadVerifier {

    private final Key key;
    private final Manifest manifest;
    private final boolean compat;
    private final boolean legacy;

    private HeadVerifier(Key key, Manifest manifest, boolean compat, boolean legacy) {
        this.key = key;
        this.manifest = manifest;
        this.compat = compat;
        this.legacy = legacy;
    }

    /**
     * For the log {@code key} with {@code manifest}, which must hash to it or be compat.
     *
     * @throws VerificationException {@code INVALID_SIGNATURE} when the manifest is not that of the log, or wants more
     *     signatures than it has signers
     */
    public static HeadVerifier of(Key key, Manifest manifest) {
        if (!manifest.describes(key)) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "the manifest is that of log " + manifest.key() + ", not of log " + key);
        }
        int signers = manifest.signers().size();
        if (manifest.quorum() > signers) {
            throw new VerificationException(
                    VerificationException.INVALID_SIGNATURE,
                    "the manifest wants " + manifest.quorum() + " signatures and has " + signers + " signers");
        }
        return new HeadVerifier(key, manifest, manifest.isCompat(key), false);
    }

    /** For an old log, whose key is its signer's public key. */
    public static HeadVerifier compat(Key publicKey) {
        return of(publicKey, Manifest.singleSigner(publicKey));
    }

    /** For an even older log, whose signatures cover neither a namespace nor a key. */
    public static HeadVerifier legacy(Key publicKey) {
        return new HeadVerifier(publicKey, Manifest.singleSigner(publicKey), true, true);
    }

    /** Key of the log. */
    public Key key() {
        return key;
    }

    /** Manifest of the log. */
    public Manifest manifest() {
        return manifest;
    }

    /** Whether the log is an old one, whose key is its signer's public key. */
    public boolean compat() {
        return compat;
    }

    /** What is fixed of the log, or null; always null for an old log. */
    public @Nullable Prologue prologue() {
        return compat ? null : manifest.prologue();
    }

    /**
     * Whether this key pair alone can make a signature that peers accept: it is that of the only signer. A log with
     * several signers takes assembled signatures only ({@link MultiSignature}), even where one of them is enough.
     */
    public boolean canSign(KeyPair pair) {
        return manifest.signers().size() == 1
                && manifest.signers().get(0).publicKey().equals(pair.publicKey())
                && (rawSignature() || manifest.quorum() == 1);
    }

    /** The bytes that are signed; where signers have namespaces of their own (version 0), those of the first. */
    public byte[] signable(Hash treeHash, long length, long fork) {
        return signable(0, treeHash, length, fork);
    }

    /**
     * The bytes that the signer at position {@code signer} of the manifest signs.
     *
     * @throws IllegalArgumentException when there is no such signer
     */
    public byte[] signable(int signer, Hash treeHash, long length, long fork) {
        int signers = manifest.signers().size();
        if (signer < 0 || signer >= signers) {
            throw new IllegalArgumentException("signer " + signer + " of " + signers);
        }
        CompactWriter out = new CompactWriter(112);
        if (!legacy) {
            out.hash(Namespaces.TREE);
        }
        if (!compat) {
            out.raw(
                    manifest.version() == 0
                            ? manifest.signers().get(signer).namespace().raw()
                            : key.raw());
        }
        return out.hash(treeHash).u64(length).u64(fork).toByteArray();
    }

    /**
     * The complete signature field for a log that {@code pair} alone can sign.
     *
     * @throws IllegalArgumentException when it cannot ({@link #canSign}): another key, or several signers
     */
    public byte[] sign(KeyPair pair, Hash treeHash, long length, long fork) {
        if (!canSign(pair)) {
            throw new IllegalArgumentException("the key pair " + pair.publicKey() + " alone cannot sign this log: "
                    + manifest.quorum() + " of " + manifest.signers().size() + " signers are needed");
        }
        byte[] signature = pair.sign(signable(treeHash, length, fork));
        if (rawSignature()) {
            return signature;
        }
        return assemble(List.of(new MultiSignature.Contribution(0, signature, 0, List.of())));
    }

    /** The signature field from what several signers contributed, in this order. Not verified here. */
    public byte[] assemble(List<MultiSignature.Contribution> contributions) {
        return manifest.version() == 0
                ? MultiSignature.assembleV0(contributions)
                : MultiSignature.assemble(contributions);
    }

    /**
     * Whether the signature field proves a head with these roots. Never throws on bad input.
     *
     * @param roots roots of a tree of {@code length} blocks, left to right
     */
    public boolean verify(List<TreeNode> roots, long length, long fork, byte @Nullable [] signature) {
        Prologue prologue = prologue();
        if (manifest.version() > 0 && prologue != null && length <= prologue.length()) {
            return length == prologue.length() && TreeHashes.tree(roots).equals(prologue.hash());
        }
        if (signature == null) {
            return false;
        }
        if (rawSignature()) {
            return verifyShare(0, signature, roots, length, fork);
        }
        return verifyShares(roots, length, fork, signature);
    }

    private boolean verifyShares(List<TreeNode> roots, long length, long fork, byte[] field) {
        int quorum = manifest.quorum();
        if (quorum == 0) {
            return false;
        }
        MultiSignature signature;
        try {
            signature = manifest.version() == 0 ? MultiSignature.decodeV0(field) : MultiSignature.decode(field);
        } catch (EncodingException e) {
            return false;
        }
        if (signature.shares().size() < quorum) {
            return false;
        }
        Map<Long, TreeNode> patchNodes = manifest.allowPatch() ? signature.nodesByIndex() : Map.of();
        boolean[] used = new boolean[manifest.signers().size()];
        for (MultiSignature.Share share : signature.shares().subList(0, quorum)) {
            if (share.signer() >= used.length || used[(int) share.signer()]) {
                return false;
            }
            used[(int) share.signer()] = true;
            long patch = manifest.allowPatch() ? share.patch() : 0;
            List<TreeNode> signed = patch == 0 ? roots : MultiSignature.extend(patchNodes, roots, length, patch);
            if (signed == null || !verifyShare((int) share.signer(), share.signature(), signed, length + patch, fork)) {
                return false;
            }
        }
        return true;
    }

    private boolean verifyShare(int signer, byte[] signature, List<TreeNode> roots, long length, long fork) {
        byte[] message = signable(signer, TreeHashes.tree(roots), length, fork);
        return Signatures.verify(
                signature, message, manifest.signers().get(signer).publicKey());
    }

    /** Whether the signature field is 64 bytes alone. */
    private boolean rawSignature() {
        return compat
                || (manifest.version() == 0
                        && !manifest.allowPatch()
                        && manifest.signers().size() == 1);
    }
}

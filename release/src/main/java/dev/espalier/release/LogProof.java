package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofFile;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.StandaloneProof;
import dev.espalier.merkle.TreeHashes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes and checks proofs that stand alone, as files ({@link ProofFile}). */
public final class LogProof {

    private LogProof() {}

    /** Takes the bytes of a proof. */
    @FunctionalInterface
    public interface Sink {

        /** All of them. */
        void proof(byte[] bytes) throws IOException;
    }

    /**
     * A proof that was made.
     *
     * @param key key of the log
     * @param index which block
     * @param length blocks of the tree it is proven to be in
     * @param fork fork number of that tree
     * @param bytes bytes of the file
     */
    public record Made(Key key, long index, long length, long fork, long bytes) {}

    /**
     * What a proof shows.
     *
     * @param valid that it holds
     * @param key the log that it is about
     * @param index which block
     * @param byteLength bytes of the block as they are stored
     * @param blockHash hash of the block, its leaf in the tree
     * @param length blocks of the tree asked for
     * @param treeHash hash of that tree
     * @param fork fork number
     * @param signedLength blocks of the tree that was signed, which grew from the one asked for
     */
    public record Verified(
            boolean valid,
            Key key,
            long index,
            long byteLength,
            Hash blockHash,
            long length,
            Hash treeHash,
            long fork,
            long signedLength) {}

    static Made make(LogStore store, LogRef ref, long index, @Nullable Long atLength, Sink sink) throws IOException {
        try (Log log = ref.open(store)) {
            long known = log.length();
            long length = atLength == null ? known : atLength;
            if (length < 1 || length > known) {
                throw invalid("Log " + log.id() + " has " + known + " blocks, so nothing can be proven at length "
                        + length + ".");
            }
            if (index < 0 || index >= length) {
                throw invalid("Block " + index + " is not among the first " + length + " of log " + log.id() + ".");
            }
            ProofRequest request = new ProofRequest(
                    new ProofRequest.Node(index, 0), null, null, new ProofRequest.Upgrade(0, length), true);
            Proof proof = log.prove(request);
            byte[] bytes = ProofFile.of(log.key(), proof).encode();
            sink.proof(bytes);
            return new Made(log.key(), index, length, proof.fork(), bytes.length);
        }
    }

    private static EspalierException invalid(String message) {
        return new EspalierException("ERR_INVALID_INPUT", message);
    }

    static Verified verify(Path file, @Nullable Key expected, @Nullable Path extract) throws IOException {
        ProofFile proof = read(file);
        if (expected != null && !expected.equals(proof.key())) {
            throw new EspalierException(
                    "INVALID_PROOF", file + " is about log " + proof.key() + ", not about " + expected + ".");
        }
        StandaloneProof.Verified shown;
        try {
            shown = proof.verify();
        } catch (EspalierException e) {
            throw new EspalierException(e.code(), file + " does not hold: " + e.getMessage() + ".", e);
        }
        Proof.Block block = shown.block();
        ByteBuffer value = block == null ? null : block.value();
        if (block == null || value == null) {
            throw new EspalierException("INVALID_PROOF", file + " shows no block.");
        }
        if (extract != null) {
            byte[] content = new byte[value.remaining()];
            value.duplicate().get(content);
            Files.write(extract, content);
        }
        return new Verified(
                true,
                proof.key(),
                block.index(),
                value.remaining(),
                TreeHashes.leaf(value),
                shown.length(),
                shown.treeHash(),
                shown.head().fork(),
                shown.head().length());
    }

    private static ProofFile read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(ProofFile.MAX_BYTES + 1);
        }
        try {
            if (bytes.length > ProofFile.MAX_BYTES) {
                throw new EncodingException("it is larger than any proof, " + ProofFile.MAX_BYTES + " bytes");
            }
            return ProofFile.decode(bytes);
        } catch (EncodingException e) {
            throw new EspalierException(e.code(), file + " cannot be read as a proof: " + e.getMessage() + ".", e);
        }
    }
}

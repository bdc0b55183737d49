package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ProofFileTest {

    private final MemoryLog log = MemoryLog.vectors(Vectors.keyPair(1), 13);

    private byte[] file(long index, long length) {
        ProofRequest request = new ProofRequest(
                new ProofRequest.Node(index, 0), null, null, new ProofRequest.Upgrade(0, length), true);
        Proof proof = log.prove(request).withValue(Vectors.block((int) index)).withManifest(log.manifest);
        return ProofFile.of(log.key, proof).encode();
    }

    @Test
    void everyBlockOfEveryLengthIsProven() {
        for (int length = 1; length <= 13; length++) {
            MemoryLog then = MemoryLog.vectors(Vectors.keyPair(1), length);
            for (int index = 0; index < length; index++) {
                ProofFile file = ProofFile.decode(file(index, length));
                StandaloneProof.Verified verified = file.verify();
                assertThat(file.key()).isEqualTo(log.key);
                assertThat(verified.length()).isEqualTo(length);
                assertThat(verified.treeHash()).isEqualTo(then.head.treeHash());
                assertThat(verified.head().treeHash()).isEqualTo(log.head.treeHash());
                assertThat(verified.block().index()).isEqualTo(index);
                assertThat(verified.block().value()).isEqualTo(Vectors.block(index));
            }
        }
    }

    @Test
    void theMiddleOfTheFileIsAStandaloneProofAsPeersKnowIt() {
        byte[] bytes = file(4, 13);
        byte[] standalone = StandaloneProof.ofBlock(log.key, log.manifest, log, log.head, 4, Vectors.block(4))
                .encode();
        assertThat(Arrays.copyOfRange(bytes, 41, bytes.length - 4)).isEqualTo(standalone);
    }

    @Test
    void noBitOfWhatIsProvenCanBeChanged() {
        byte[] bytes = file(4, 11);
        StandaloneProof.Verified honest = ProofFile.decode(bytes).verify();
        int accepted = 0;
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> ProofFile.decode(changed)).isInstanceOf(EncodingException.class);
            if (bit / 8 >= bytes.length - 4) {
                continue; // The checksum itself.
            }
            // Whoever lies mends the checksum.
            try {
                StandaloneProof.Verified still =
                        ProofFile.decode(withChecksum(changed)).verify();
                // A patch is ignored where the manifest allows none, and is the only thing that nothing binds.
                assertThat(still.head().signature())
                        .as("bit %d", bit)
                        .isNotEqualTo(honest.head().signature());
                assertThat(still.block().value()).isEqualTo(honest.block().value());
                assertThat(still.treeHash()).isEqualTo(honest.treeHash());
                accepted++;
            } catch (EspalierException e) {
                assertThat(e).isInstanceOfAny(VerificationException.class, EncodingException.class);
            }
        }
        assertThat(accepted).isLessThanOrEqualTo(8);
    }

    @Test
    void noByteCanBeMissingOrAdded() {
        byte[] bytes = file(4, 13);
        for (int length = 0; length < bytes.length; length++) {
            byte[] shorter = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> ProofFile.decode(shorter)).isInstanceOf(EncodingException.class);
            if (length > 45) {
                assertThatThrownBy(() -> ProofFile.decode(withChecksum(shorter)).verify())
                        .isInstanceOf(EspalierException.class);
            }
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> ProofFile.decode(withChecksum(longer))).isInstanceOf(EncodingException.class);
    }

    @Test
    void aProofUnderTheKeyOfAnotherLogIsRefused() {
        Proof proof = ProofFile.decode(file(4, 13)).proof().proof();
        Key other = MemoryLog.of(Vectors.keyPair(2)).key;
        assertThatThrownBy(() ->
                        ProofFile.decode(ProofFile.of(other, proof).encode()).verify())
                .isInstanceOf(VerificationException.class);
    }

    @Test
    void aBlockWithoutItsPathIsRefused() {
        Proof proof = ProofFile.decode(file(4, 13)).proof().proof();
        Proof bare = new Proof(
                0,
                new Proof.Block(4, ByteBuffer.wrap(new byte[] {1}), List.of()),
                null,
                null,
                proof.upgrade(),
                proof.manifest());
        assertThatThrownBy(() -> ProofFile.of(log.key, bare).verify()).isInstanceOf(VerificationException.class);
    }

    private static byte[] withChecksum(byte[] bytes) {
        byte[] mended = bytes.clone();
        CRC32C crc = new CRC32C();
        crc.update(mended, 0, mended.length - 4);
        for (int i = 0; i < 4; i++) {
            mended[mended.length - 4 + i] = (byte) (crc.getValue() >>> 8 * i);
        }
        return mended;
    }
}

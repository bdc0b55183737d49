package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.MultiSignature;
import dev.espalier.merkle.ProofRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Committing the blocks of one log to another. */
class CommitTest {

    @TempDir
    Path folder;

    private LogStore store;

    @BeforeEach
    void open() {
        store = LogStore.open(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] signatureOfTwo(Manifest manifest, List<KeyPair> pairs, Log source, long length) {
        HeadVerifier verifier = HeadVerifier.of(manifest.key(), manifest);
        List<MultiSignature.Contribution> parts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            byte[] one = pairs.get(i).sign(verifier.signable(i, source.treeHash(length), length, 0));
            parts.add(new MultiSignature.Contribution(i, one, 0, List.of()));
        }
        return verifier.assemble(parts);
    }

    @Test
    void aLogOfSeveralSignersGetsTheBlocksOfTheirSourceWithTheSignatureGiven() {
        List<KeyPair> pairs = List.of(SignedElsewhereTest.pair(1), SignedElsewhereTest.pair(2));
        Manifest manifest =
                SignedElsewhereTest.ofThree(List.of(pairs.get(0), pairs.get(1), SignedElsewhereTest.pair(3)));
        try (Log source = store.log("source");
                Log target = store.log(manifest)) {
            source.append(Vectors.blocks());
            CommitOptions first =
                    CommitOptions.DEFAULT.withLength(7).withSignature(signatureOfTwo(manifest, pairs, source, 7));
            assertThatThrownBy(() -> target.commit(source, CommitOptions.DEFAULT))
                    .hasMessageContaining("several signers")
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
            assertThatThrownBy(() -> target.commit(source, first.withLength(8)))
                    .extracting("code")
                    .isEqualTo("INVALID_SIGNATURE");
            assertThat(target.length()).isZero();

            assertThat(target.commit(source, first)).isEqualTo(7);
            assertThat(target.commit(source, first)).isEqualTo(7);
            CommitOptions all = CommitOptions.DEFAULT.withSignature(signatureOfTwo(manifest, pairs, source, 20));
            assertThat(target.commit(source, all)).isEqualTo(20);
            assertThat(target.treeHash()).isEqualTo(source.treeHash());
            assertThat(target.head().signature()).isEqualTo(all.signature());
            assertThat(LogAudit.run(target).ok()).isTrue();
            assertThatThrownBy(() -> target.commit(source, first))
                    .extracting("code")
                    .isEqualTo("ERR_DIVERGED");
        }
        try (Log target = store.log(manifest.key())) {
            assertThat(target.contiguousLength()).isEqualTo(20);
            assertThat(ByteBuffer.wrap(target.get(19)))
                    .isEqualTo(Vectors.blocks().get(19));
        }
    }

    @Test
    void aSourceThatDoesNotContinueTheLogIsRefused() {
        try (Log source = store.log("source");
                Log target = store.log("target")) {
            source.append(Vectors.blocks());
            target.append(Vectors.blocks().subList(0, 4));
            target.append(new byte[] {1});
            assertThatThrownBy(() -> target.commit(source, CommitOptions.DEFAULT))
                    .hasMessageContaining("differ in the first 5 blocks")
                    .extracting("code")
                    .isEqualTo("ERR_DIVERGED");
            for (long length : new long[] {-1, 21}) {
                assertThatThrownBy(() -> target.commit(source, CommitOptions.DEFAULT.withLength(length)))
                        .extracting("code")
                        .isEqualTo("BAD_ARGUMENT");
            }
            target.truncate(4);
            assertThat(target.commit(source, CommitOptions.DEFAULT.withLength(4)))
                    .isEqualTo(4);
            assertThat(target.commit(source, CommitOptions.DEFAULT.withLength(9)))
                    .isEqualTo(9);
            assertThat(target.fork()).isEqualTo(1);
            assertThat(target.treeHash()).isEqualTo(source.treeHash(9));
            assertThat(target.commit(target, CommitOptions.DEFAULT)).isEqualTo(9);
        }
    }

    @Test
    void whatIsNotHeldCannotBeCommitted() {
        try (LogStore other = LogStore.open(folder.resolve("other"));
                Log source = other.log("source");
                Log reader = store.log(source.key());
                Log target = store.log("target")) {
            source.append(Vectors.blocks());
            reader.apply(source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 20), true)));
            for (int i = 0; i < 20; i++) {
                if (i != 3) {
                    reader.apply(SparseLogTest.fetch(source, reader, i));
                }
            }
            assertThatThrownBy(() -> target.commit(reader, CommitOptions.DEFAULT))
                    .hasMessageContaining("Block 3 of log " + source.key())
                    .extracting("code")
                    .isEqualTo("ERR_NOT_FOUND");
            assertThat(target.length()).isZero();
            assertThat(target.commit(source, CommitOptions.DEFAULT)).isEqualTo(20);
        }
    }

    @Test
    void encryptedBlocksAreCopiedAsTheyAre() {
        try (Log source = store.log("source", LogOptions.encryptedWithBlockKey(new byte[32]));
                Log target = store.log("target", LogOptions.encryptedWithBlockKey(new byte[32]))) {
            source.append(Vectors.blocks());
            target.commit(source, CommitOptions.DEFAULT.withDurability(Durability.FULL));
            assertThat(target.treeHash()).isEqualTo(source.treeHash());
            assertThat(target.get(5)).isEqualTo(source.get(5));
        }
    }
}

package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.MultiSignature;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Signer;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appends and truncations whose signature is given, of logs with several signers, with none, and with a prologue. */
class SignedElsewhereTest {

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

    private static AppendOptions signed(byte[] signature) {
        return AppendOptions.DEFAULT.withSignature(signature);
    }

    @Test
    void assembledSignaturesAreTakenOrRefusedAsInTheVectors() {
        int taken = 0;
        int refused = 0;
        for (JsonElement element : Vectors.object("multisig").getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            Manifest manifest = Vectors.manifest(vector.get("manifest").getAsString());
            byte[] field = Vectors.hex(vector.get("signature"));
            List<ByteBuffer> blocks =
                    Vectors.blocks().subList(0, vector.get("length").getAsInt());
            LogStore namespace = LogStore.open(folder.resolve("case" + taken + "-" + refused));
            try (namespace;
                    Log log = namespace.log(manifest)) {
                if (vector.has("result") && vector.get("result").getAsBoolean()) {
                    assertThat(log.append(blocks, signed(field))).isEqualTo(blocks.size());
                    assertThat(log.treeHash())
                            .hasToString(vector.get("treeHash").getAsString());
                    assertThat(log.head().signature()).isEqualTo(field);
                    taken++;
                } else {
                    assertThatThrownBy(() -> log.append(blocks, signed(field)))
                            .as(vector.get("title").getAsString())
                            .extracting("code")
                            .isEqualTo("INVALID_SIGNATURE");
                    assertThat(log.length()).isZero();
                    refused++;
                }
            }
        }
        assertThat(taken).isEqualTo(8);
        assertThat(refused).isEqualTo(6);
    }

    static Manifest ofThree(List<KeyPair> pairs) {
        Manifest.Builder builder = Manifest.builder().quorum(2);
        pairs.forEach(pair -> builder.signer(signer(pair)));
        return builder.build();
    }

    private static Signer signer(KeyPair pair) {
        return Manifest.singleSigner(pair.publicKey()).signers().get(0);
    }

    private static byte[] assembled(Manifest manifest, List<KeyPair> pairs, List<ByteBuffer> blocks, long fork) {
        HeadVerifier verifier = HeadVerifier.of(manifest.key(), manifest);
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        blocks.forEach(tree::append);
        List<MultiSignature.Contribution> parts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            byte[] one = pairs.get(i).sign(verifier.signable(i, tree.treeHash(), tree.length(), fork));
            parts.add(new MultiSignature.Contribution(i, one, 0, List.of()));
        }
        return verifier.assemble(parts);
    }

    @Test
    void aLogWithSeveralSignersTakesNothingUnsignedNotEvenFromOneOfThem() {
        List<KeyPair> pairs = List.of(pair(1), pair(2), pair(3));
        Manifest manifest = ofThree(pairs);
        List<ByteBuffer> blocks = Vectors.blocks();
        try (Log log = store.log(manifest, pairs.get(0))) {
            assertThat(log.writable()).isFalse();
            assertThatThrownBy(() -> log.append(blocks))
                    .hasMessageContaining("several signers")
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
            log.append(blocks, signed(assembled(manifest, pairs, blocks, 0)));
            assertThatThrownBy(() -> log.truncate(3)).extracting("code").isEqualTo("ERR_NOT_WRITABLE");

            byte[] shorter = assembled(manifest, pairs, blocks.subList(0, 3), 4);
            assertThatThrownBy(() -> log.truncate(3, 5, shorter))
                    .extracting("code")
                    .isEqualTo("INVALID_SIGNATURE");
            assertThat(log.length()).isEqualTo(20);
            log.truncate(3, 4, shorter);
            assertThat(log.length()).isEqualTo(3);
            assertThat(log.fork()).isEqualTo(4);
            byte[] longer = assembled(manifest, pairs, blocks.subList(0, 5), 4);
            log.append(blocks.subList(3, 5), signed(longer));
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
        try (Log log = store.log(manifest.key())) {
            assertThat(log.length()).isEqualTo(5);
        }
    }

    static KeyPair pair(int fill) {
        byte[] seed = new byte[32];
        Arrays.fill(seed, (byte) fill);
        return KeyPair.fromSeed(seed);
    }

    private static Prologue prologue(int length) {
        TreeBatch tree = new TreeBatch(TreeHead.EMPTY);
        Vectors.blocks().subList(0, length).forEach(tree::append);
        return new Prologue(tree.treeHash(), length);
    }

    @Test
    void aStaticLogTakesTheBlocksThatItsKeyNamesAndNothingElse() {
        Manifest manifest = Manifest.builder().prologue(prologue(5)).build();
        List<ByteBuffer> blocks = Vectors.blocks();
        try (Log log = store.log(manifest)) {
            assertThatThrownBy(() -> log.append(blocks.subList(0, 4)))
                    .extracting("code")
                    .isEqualTo("INVALID_OPERATION");
            assertThatThrownBy(() -> log.append(blocks.subList(1, 6)))
                    .extracting("code")
                    .isEqualTo("INVALID_SIGNATURE");
            assertThatThrownBy(() -> log.append(blocks.subList(0, 6)))
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
            assertThat(log.append(blocks.subList(0, 5))).isEqualTo(5);
            assertThatThrownBy(() -> log.append(blocks.subList(5, 6)))
                    .extracting("code")
                    .isEqualTo("ERR_NOT_WRITABLE");
        }
        try (Log log = store.log(manifest.key())) {
            assertThat(log.length()).isEqualTo(5);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void aPrologueIsReachedInOneStepAndNeverLeft() {
        KeyPair pair = pair(9);
        Manifest manifest =
                Manifest.builder().signer(signer(pair)).prologue(prologue(4)).build();
        List<ByteBuffer> blocks = Vectors.blocks();
        try (Log log = store.log(manifest, pair)) {
            assertThatThrownBy(() -> log.append(blocks.subList(0, 3)))
                    .extracting("code")
                    .isEqualTo("INVALID_OPERATION");
            log.append(blocks.subList(0, 6));
            assertThatThrownBy(() -> log.truncate(3)).extracting("code").isEqualTo("INVALID_OPERATION");
            log.truncate(4);
            log.append(blocks.subList(4, 9));
            assertThat(log.length()).isEqualTo(9);
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void forkNumbersOnlyGrow() {
        try (Log log = store.log("log")) {
            log.append(Vectors.blocks());
            log.truncate(10, 7);
            for (long fork : new long[] {-1, 0, 6, 7, 1L << 53}) {
                assertThatThrownBy(() -> log.truncate(5, fork))
                        .as("fork %s", fork)
                        .extracting("code")
                        .isEqualTo("BAD_ARGUMENT");
            }
            for (long length : new long[] {-1, 11}) {
                assertThatThrownBy(() -> log.truncate(length))
                        .extracting("code")
                        .isEqualTo("BAD_ARGUMENT");
            }
            log.truncate(10);
            assertThat(log.fork()).isEqualTo(8);
            assertThat(log.length()).isEqualTo(10);
        }
    }

    @Test
    void aLogThatWouldBecomeTooLongTakesNothing() {
        try (Log log = store.log("log")) {
            List<ByteBuffer> three = Vectors.blocks().subList(0, 3);
            assertThat(log.append(three, AppendOptions.DEFAULT.withMaxLength(2)))
                    .isZero();
            assertThat(log.append(three, AppendOptions.DEFAULT.withMaxLength(3)))
                    .isEqualTo(3);
            assertThat(log.append(three, AppendOptions.DEFAULT.withMaxLength(5)))
                    .isEqualTo(3);
            assertThat(log.length()).isEqualTo(3);
        }
    }

    @Test
    void aReaderForgetsAllAndCanLearnItAgain() {
        try (LogStore other = LogStore.open(folder.resolve("other"));
                Log source = other.log("source");
                Log reader = store.log(source.key())) {
            source.append(Vectors.blocks());
            source.truncate(15, 3);
            ProofRequest all = new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, 15), true);
            for (int round = 0; round < 2; round++) {
                assertThat(reader.apply(source.prove(all))).isTrue();
                for (int i = 0; i < 15; i++) {
                    reader.apply(SparseLogTest.fetch(source, reader, i));
                }
                assertThat(reader.contiguousLength()).isEqualTo(15);
                assertThatThrownBy(() -> reader.truncate(3)).extracting("code").isEqualTo("ERR_NOT_WRITABLE");
                assertThatThrownBy(() -> reader.truncate(0, 4))
                        .extracting("code")
                        .isEqualTo("ERR_NOT_WRITABLE");

                if (round == 0) {
                    reader.truncate(0);
                } else {
                    reader.truncate(0, 3);
                }
                assertThat(reader.length()).isZero();
                assertThat(reader.fork()).isEqualTo(3);
                assertThat(reader.presentCount()).isZero();
                assertThat(reader.nodes().node(0)).isNull();
                assertThat(LogAudit.run(reader).ok()).isTrue();
            }
        }
        store.close();
        store = LogStore.open(folder);
        try (Log reader = store.stored(store.discoveryKeys().get(0)).orElseThrow()) {
            assertThat(reader.length()).isZero();
            assertThat(reader.fork()).isEqualTo(3);
        }
    }
}

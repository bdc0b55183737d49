package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that hold some blocks, fed with proofs of a writer. */
class SparseLogTest {

    @TempDir
    Path folder;

    private LogStore writers;
    private LogStore readers;
    private Log source;
    private Log reader;

    @BeforeEach
    void open() {
        writers = LogStore.open(folder.resolve("writers"));
        readers = LogStore.open(folder.resolve("readers"));
        source = writers.log("source");
        reader = readers.log(source.key());
    }

    @AfterEach
    void close() {
        writers.close();
        readers.close();
    }

    private void reopenReader() {
        readers.close();
        readers = LogStore.open(folder.resolve("readers"));
        reader = readers.log(source.key());
    }

    private void grow(int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        Random random = new Random(source.length());
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(50)];
            random.nextBytes(block);
            blocks.add(ByteBuffer.wrap(block));
        }
        source.append(blocks);
    }

    /** What replication does for one block: ask for what lacks, apply the answer. */
    static Proof fetch(Log from, Log to, long block) {
        long nodes = Prover.missingNodes(to.nodes(), to.length(), 2 * block);
        return from.prove(new ProofRequest(new ProofRequest.Node(block, nodes), null, null, null, false));
    }

    static Proof upgrade(Log from, Log to) {
        return from.prove(new ProofRequest(
                null, null, null, new ProofRequest.Upgrade(to.length(), from.length() - to.length()), true));
    }

    @Test
    void blocksArriveInAnyOrderAndStay() {
        grow(137);
        assertThat(reader.apply(upgrade(source, reader))).isTrue();
        assertThat(reader.length()).isEqualTo(137);
        assertThat(reader.treeHash()).isEqualTo(source.treeHash());
        assertThat(reader.manifest()).isEqualTo(source.manifest());
        List<Long> order = new ArrayList<>();
        for (long i = 0; i < 137; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(7));
        int half = 70;
        for (int i = 0; i < half; i++) {
            assertThat(reader.apply(fetch(source, reader, order.get(i)))).isTrue();
        }
        assertThat(reader.presentCount()).isEqualTo(half);
        reopenReader();
        assertThat(reader.presentCount()).isEqualTo(half);
        for (int i = 0; i < 137; i++) {
            long block = order.get(i);
            assertThat(reader.has(block)).isEqualTo(i < half);
            if (i < half) {
                assertThat(reader.get(block)).isEqualTo(source.get(block));
            } else {
                assertThatThrownBy(() -> reader.get(block)).hasMessageContaining("was not found");
            }
        }
        assertThat(LogAudit.run(reader).ok()).isTrue();
        for (int i = half; i < 137; i++) {
            assertThat(reader.apply(fetch(source, reader, order.get(i)))).isTrue();
        }
        assertThat(reader.contiguousLength()).isEqualTo(137);
        LogAudit.Report report = LogAudit.run(reader);
        assertThat(report.bad()).isEmpty();
        assertThat(report.blocks()).isEqualTo(137);
        assertThat(report.nodes()).isEqualTo(2 * 137 - Long.bitCount(137));
    }

    @Test
    void headsGrowWhileBlocksArrive() {
        Random random = new Random(3);
        for (int round = 0; round < 30; round++) {
            grow(1 + random.nextInt(9));
            reader.apply(upgrade(source, reader));
            for (int i = 0; i < 3; i++) {
                reader.apply(fetch(source, reader, random.nextLong(reader.length())));
            }
            if (round % 10 == 9) {
                reopenReader();
            }
        }
        LogAudit.Report report = LogAudit.run(reader);
        assertThat(report.bad()).isEmpty();
        assertThat(report.blocks()).isEqualTo(reader.presentCount());
    }

    @Test
    void aReaderProvesToAnotherReader() {
        grow(60);
        reader.apply(upgrade(source, reader));
        for (long block : new long[] {0, 13, 14, 41, 59}) {
            reader.apply(fetch(source, reader, block));
        }
        try (LogStore third = LogStore.open(folder.resolve("third"));
                Log log = third.log(source.key())) {
            log.apply(upgrade(reader, log));
            for (long block : new long[] {41, 14, 0, 59}) {
                log.apply(fetch(reader, log, block));
                assertThat(log.get(block)).isEqualTo(source.get(block));
            }
            assertThatThrownBy(() -> fetch(reader, log, 5))
                    .isInstanceOf(EspalierException.class)
                    .extracting("code")
                    .isIn("ERR_NOT_FOUND", "INVALID_OPERATION");
            assertThat(LogAudit.run(log).ok()).isTrue();
        }
    }

    @Test
    void theSameProofTwiceStoresOneCopy() {
        grow(4);
        reader.apply(upgrade(source, reader));
        Proof proof = fetch(source, reader, 2);
        assertThat(reader.apply(proof)).isTrue();
        long bytes = reader.storageUse().dataBytes();
        assertThat(reader.apply(proof)).isTrue();
        assertThat(reader.storageUse().dataBytes()).isEqualTo(bytes);
        assertThat(reader.presentCount()).isEqualTo(1);
    }

    @Test
    void aWrongBlockIsRefusedAndChangesNothing() {
        grow(4);
        reader.apply(upgrade(source, reader));
        Proof proof = fetch(source, reader, 2).withValue(ByteBuffer.wrap(new byte[] {9, 9, 9}));
        assertThatThrownBy(() -> reader.apply(proof))
                .isInstanceOf(VerificationException.class)
                .extracting("code")
                .isEqualTo(VerificationException.INVALID_CHECKSUM);
        assertThat(reader.presentCount()).isZero();
        assertThat(reader.storageUse().dataBytes()).isZero();
    }

    @Test
    void aFreshReaderFollowsALogThatWasTruncatedBefore() {
        grow(10);
        source.truncate(4);
        grow(3);
        source.truncate(5);
        grow(1);
        assertThat(source.fork()).isEqualTo(2);
        assertThat(reader.apply(upgrade(source, reader))).isTrue();
        assertThat(reader.fork()).isEqualTo(2);
        assertThat(reader.length()).isEqualTo(6);
        for (long block = 0; block < 6; block++) {
            reader.apply(fetch(source, reader, block));
        }
        reopenReader();
        assertThat(reader.fork()).isEqualTo(2);
        assertThat(LogAudit.run(reader).ok()).isTrue();
        grow(2);
        assertThat(reader.apply(upgrade(source, reader))).isTrue();
        assertThat(reader.length()).isEqualTo(8);
    }

    @Test
    void aReaderThatHoldsBlocksDoesNotChangeForks() {
        grow(10);
        reader.apply(upgrade(source, reader));
        source.truncate(4);
        grow(20);
        assertThat(reader.apply(source.prove(
                        new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, source.length()), false))))
                .isFalse();
        assertThat(reader.fork()).isZero();
        assertThat(reader.length()).isEqualTo(10);
    }

    @Test
    void bitsAreCopiedAsTheyTravel() {
        grow(100);
        reader.apply(upgrade(source, reader));
        for (long block : new long[] {0, 1, 31, 32, 63, 64, 99}) {
            reader.apply(fetch(source, reader, block));
        }
        ByteBuffer bits = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        reader.copyBits(0, 4, bits);
        bits.flip();
        assertThat(bits.getInt()).isEqualTo(0x80000003);
        assertThat(bits.getInt()).isEqualTo(0x80000001);
        assertThat(bits.getInt()).isEqualTo(1);
        assertThat(bits.getInt()).isEqualTo(8);
        bits.clear();
        source.copyBits(96, 2, bits);
        bits.flip();
        assertThat(bits.getInt()).isEqualTo(0xf);
        assertThat(bits.getInt()).isZero();
        assertThat(reader.nextPresent(2, 100)).isEqualTo(31);
        assertThat(reader.nextPresent(65, 99)).isEqualTo(99);
        assertThat(reader.nextPresent(65, 200)).isEqualTo(99);
        assertThat(reader.nextPresent(100, 200)).isEqualTo(200);
        assertThat(reader.nextAbsent(0, 100)).isEqualTo(2);
        assertThat(reader.nextAbsent(31, 33)).isEqualTo(33);
        assertThat(source.nextAbsent(0, 100)).isEqualTo(100);
        assertThat(source.nextAbsent(0, 200)).isEqualTo(100);
        assertThat(source.nextAbsent(150, 200)).isEqualTo(150);
        assertThatThrownBy(() -> source.copyBits(1, 1, bits)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> source.copyBits(0, 100, bits)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void bytesAreFoundByTheStoredTree() {
        source.append(List.of(
                ByteBuffer.allocate(10), ByteBuffer.allocate(0), ByteBuffer.allocate(5), ByteBuffer.allocate(7)));
        assertThat(source.seek(0)).hasValue(new Log.Position(0, 0));
        assertThat(source.seek(9)).hasValue(new Log.Position(0, 9));
        assertThat(source.seek(14)).hasValue(new Log.Position(2, 4));
        assertThat(source.seek(15)).hasValue(new Log.Position(3, 0));
        assertThat(source.seek(22)).hasValue(new Log.Position(4, 0));
        assertThat(source.seek(23)).isEmpty();
        reader.apply(upgrade(source, reader));
        assertThat(reader.seek(0)).hasValue(new Log.Position(0, 0));
        assertThatThrownBy(() -> reader.seek(14)).extracting("code").isEqualTo("ERR_NOT_FOUND");
        readers.source(new DirectSource(source));
        assertThat(reader.seek(14)).hasValue(new Log.Position(2, 4));
        assertThat(reader.presentCount()).isLessThan(4);
    }

    @Test
    void aByteOfALongLogIsFoundByNodesAndAtMostOneBlock() {
        grow(1_000);
        reader.apply(upgrade(source, reader));
        DirectSource peer = new DirectSource(source);
        readers.source(peer);
        long position = source.byteLength() / 3;
        assertThatThrownBy(() -> reader.seek(position, Duration.ZERO))
                .hasMessageContaining("not stored here")
                .extracting("code")
                .isEqualTo("ERR_NOT_FOUND");
        assertThat(reader.seek(position)).isEqualTo(source.seek(position));
        assertThat(reader.presentCount()).isLessThanOrEqualTo(1);
        assertThat(peer.seeks).isBetween(1, 10);
        assertThat(reader.seek(position, Duration.ZERO)).isEqualTo(source.seek(position));
    }

    @Test
    void aSeekThatNobodyAnswersEndsWithItsLimit() {
        grow(100);
        reader.apply(upgrade(source, reader));
        readers.source(new DirectSource(source).hold());
        assertThatThrownBy(() -> reader.seek(source.byteLength() / 3, Duration.ofMillis(20)))
                .extracting("code")
                .isEqualTo("ERR_TIMEOUT");
    }
}

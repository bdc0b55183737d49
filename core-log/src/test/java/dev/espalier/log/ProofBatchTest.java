package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Reorg;
import dev.espalier.merkle.VerificationException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proofs that are verified one after another and stored together. */
class ProofBatchTest {

    @TempDir
    Path folder;

    private LogStore writers;
    private LogStore readers;
    private Log source;
    private Log reader;
    private final List<String> stored = new ArrayList<>();

    @BeforeEach
    void open() {
        writers = LogStore.open(folder.resolve("writers"));
        readers = LogStore.open(folder.resolve("readers"));
        source = writers.log("source");
        reader = readers.log(source.key());
        reader.listen(new LogListener() {
            @Override
            public void blocksStored(Log log, long start, long count) {
                stored.add(start + "+" + count);
            }
        });
    }

    @AfterEach
    void close() {
        writers.close();
        readers.close();
    }

    private void grow(int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(StandardCharsets.UTF_8.encode("block " + (source.length() + i)));
        }
        source.append(blocks);
    }

    private Proof block(long index, long nodes) {
        return source.prove(new ProofRequest(new ProofRequest.Node(index, nodes), null, null, null, false));
    }

    @Test
    void proofsThatLeanOnEarlierOnesAreStoredWithThem() {
        grow(8);
        ProofBatch batch = reader.proofs();
        assertThat(batch.add(SparseLogTest.upgrade(source, reader))).isTrue();
        assertThat(batch.add(block(2, 3))).isTrue();
        assertThat(batch.add(block(3, 0))).as("its leaf came with block 2").isTrue();
        assertThat(batch.add(block(1, 1))).isTrue();
        assertThat(batch.add(block(4, 2))).isTrue();
        assertThat(batch.add(block(4, 2))).as("the same once more").isTrue();
        assertThat(reader.length()).as("nothing is stored yet").isZero();
        assertThat(batch.size()).isEqualTo(6);
        assertThat(batch.byteLength()).isEqualTo(5 * 7);
        assertThat(batch.store()).containsOnly(true);
        assertThat(batch.size()).isZero();
        assertThat(reader.treeHash()).isEqualTo(source.treeHash());
        for (long index : new long[] {1, 2, 3, 4}) {
            assertThat(reader.get(index)).isEqualTo(source.get(index));
        }
        assertThat(reader.has(0)).isFalse();
        assertThat(stored).containsExactly("2+2", "1+1", "4+1");
        assertThat(LogAudit.run(reader).bad()).isEmpty();
        readers.close();
        readers = LogStore.open(folder.resolve("readers"));
        Log again = readers.log(source.key());
        assertThat(again.get(4)).isEqualTo(source.get(4));
        assertThat(again.treeHash()).isEqualTo(source.treeHash());
    }

    @Test
    void whatDoesNotHoldLeavesTheBatchAsItWas() {
        grow(8);
        reader.apply(SparseLogTest.upgrade(source, reader));
        ProofBatch batch = reader.proofs();
        batch.add(block(0, 3));
        Proof forged = block(4, 2).withValue(StandardCharsets.UTF_8.encode("forged"));
        assertThatThrownBy(() -> batch.add(forged)).isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> batch.add(block(5, 0)))
                .as("leans on what never came")
                .isInstanceOf(VerificationException.class);
        batch.add(block(1, 0));
        assertThat(batch.store()).containsExactly(true, true);
        assertThat(stored).containsExactly("0+2");
    }

    @Test
    void aLogThatGrewMeanwhileStillTakesIt() {
        grow(6);
        reader.apply(SparseLogTest.upgrade(source, reader));
        ProofBatch batch = reader.proofs();
        batch.add(block(5, 1));
        grow(3);
        reader.apply(SparseLogTest.upgrade(source, reader));
        assertThat(batch.store()).containsExactly(true);
        assertThat(reader.get(5)).isEqualTo(source.get(5));
        assertThat(reader.length()).isEqualTo(9);
    }

    @Test
    void aLogThatMovedToAnotherForkMeanwhileDoesNot() {
        grow(6);
        reader.apply(SparseLogTest.upgrade(source, reader));
        ProofBatch batch = reader.proofs();
        batch.add(block(5, 1));
        batch.add(block(4, 0));
        source.truncate(5);
        grow(2);
        LogReorg reorg = reader.reorg(
                source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, source.length()), true)));
        for (Reorg.Want want = reorg.want(); want != null; want = reorg.want()) {
            reorg.update(source.prove(want.request(want.start())));
        }
        reorg.apply();
        assertThat(batch.store()).containsOnly(false);
        assertThat(reader.has(5)).isFalse();
        assertThat(reader.treeHash()).isEqualTo(source.treeHash());
        assertThat(batch.add(block(5, 1))).as("the batch is of use again").isTrue();
        assertThat(batch.store()).containsExactly(true);
        assertThat(reader.get(5)).isEqualTo(source.get(5));
    }
}

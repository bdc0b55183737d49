package dev.espalier.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Prover;
import dev.espalier.merkle.TreeBatch;
import dev.espalier.merkle.TreeHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Laws of logs on disk: what a writer appends in any batches reaches a reader in any order. */
class LogLawsTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults().withPrimaryKey(new byte[32]);

    private Path folder;

    @BeforeTry
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("log-laws");
    }

    @AfterTry
    void deleteFolder() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static List<ByteBuffer> blocks(long seed, int count) {
        Random random = new Random(seed);
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(200)];
            random.nextBytes(block);
            blocks.add(ByteBuffer.wrap(block));
        }
        return blocks;
    }

    @Property(tries = 60)
    void anyBatchingGivesTheSameLog(
            @ForAll long seed, @ForAll @Size(max = 12) List<@IntRange(max = 30) Integer> batches) {
        TreeBatch expected = new TreeBatch(TreeHead.EMPTY);
        int total = batches.stream().mapToInt(Integer::intValue).sum();
        List<ByteBuffer> blocks = blocks(seed, total);
        blocks.forEach(expected::append);
        try (LogStore store = LogStore.open(folder, OPTIONS);
                Log log = store.log("x")) {
            int done = 0;
            for (int batch : batches) {
                log.append(blocks.subList(done, done + batch));
                done += batch;
            }
        }
        try (LogStore store = LogStore.open(folder, OPTIONS);
                Log log = store.log("x")) {
            assertThat(log.length()).isEqualTo(total);
            assertThat(log.treeHash()).isEqualTo(expected.treeHash());
            for (int i = 0; i < total; i++) {
                assertThat(ByteBuffer.wrap(log.get(i))).isEqualTo(blocks.get(i));
            }
            assertThat(LogAudit.run(log).bad()).isEmpty();
        }
    }

    /** Each step of the reader: a newer head, a block, a node, or a byte position. */
    @Property(tries = 60)
    void anyOrderOfProofsLeadsToTheSameLog(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 120) int first,
            @ForAll @IntRange(max = 60) int more,
            @ForAll @Size(max = 60) List<@IntRange(max = 9999) Integer> steps) {
        try (LogStore writers = LogStore.open(folder.resolve("writers"), OPTIONS);
                LogStore readers = LogStore.open(folder.resolve("readers"));
                Log source = writers.log("x");
                Log reader = readers.log(source.key())) {
            source.append(blocks(seed, first));
            assertThat(reader.apply(travel(upgrade(source, reader)))).isTrue();
            source.append(blocks(~seed, more));
            for (int step : steps) {
                assertThat(reader.apply(travel(ask(source, reader, step)))).isTrue();
            }
            if (reader.length() < source.length()) {
                assertThat(reader.apply(travel(upgrade(source, reader)))).isTrue();
            }
            assertThat(reader.treeHash()).isEqualTo(source.treeHash());
            assertThat(LogAudit.run(reader).bad()).isEmpty();
            for (long block = 0; block < source.length(); block++) {
                assertThat(reader.apply(travel(block(source, reader, block)))).isTrue();
                assertThat(reader.get(block)).isEqualTo(source.get(block));
            }
            LogAudit.Report report = LogAudit.run(reader);
            assertThat(report.bad()).isEmpty();
            assertThat(report.nodes()).isEqualTo(LogAudit.run(source).nodes());
            assertThat(reader.contiguousLength()).isEqualTo(source.length());
        }
    }

    private static Proof ask(Log source, Log reader, int step) {
        long at = step / 4 % reader.length();
        switch (step % 4) {
            case 0:
                return reader.length() < source.length() ? upgrade(source, reader) : block(source, reader, at);
            case 1:
                return block(source, reader, at);
            case 2:
                long nodes = Prover.missingNodes(reader.nodes(), reader.length(), 2 * at);
                return source.prove(new ProofRequest(null, new ProofRequest.Node(2 * at, nodes), null, null, false));
            default:
                return blockWithUpgrade(source, reader, at);
        }
    }

    private static Proof upgrade(Log source, Log reader) {
        return source.prove(new ProofRequest(null, null, null, upgradeOf(source, reader), true));
    }

    private static ProofRequest.Upgrade upgradeOf(Log source, Log reader) {
        return new ProofRequest.Upgrade(reader.length(), source.length() - reader.length());
    }

    private static Proof block(Log source, Log reader, long index) {
        long nodes = Prover.missingNodes(reader.nodes(), reader.length(), 2 * index);
        return source.prove(new ProofRequest(new ProofRequest.Node(index, nodes), null, null, null, false));
    }

    private static Proof blockWithUpgrade(Log source, Log reader, long index) {
        if (reader.length() == source.length()) {
            return block(source, reader, index);
        }
        long nodes = Prover.missingNodes(reader.nodes(), reader.length(), 2 * index);
        return source.prove(
                new ProofRequest(new ProofRequest.Node(index, nodes), null, null, upgradeOf(source, reader), false));
    }

    /** The proof as the other side decodes it. */
    private static Proof travel(Proof proof) {
        CompactWriter out = new CompactWriter();
        proof.encode(out, 1);
        return Proof.decode(new CompactReader(out.toByteArray())).proof();
    }
}

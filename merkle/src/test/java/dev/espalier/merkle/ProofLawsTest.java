package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/** Laws of proofs over random logs, random requests and receivers that hold some of the nodes. */
class ProofLawsTest {

    private static final KeyPair PAIR = Vectors.keyPair(1);

    private static List<ByteBuffer> blocks(Random random, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[random.nextInt(30)];
            random.nextBytes(block);
            blocks.add(ByteBuffer.wrap(block));
        }
        return blocks;
    }

    /** A request that {@code asker} could have for {@code source}, or null when there is nothing to ask for. */
    private static @Nullable ProofRequest request(Random random, MemoryLog asker, MemoryLog source) {
        long have = asker.head.length();
        long total = source.head.length();
        boolean upgrading = total > have && (have == 0 || random.nextBoolean());
        ProofRequest.Upgrade upgrade =
                upgrading ? new ProofRequest.Upgrade(have, 1 + random.nextLong(total - have)) : null;
        long reach = upgrade == null ? have : upgrade.start() + upgrade.length();
        if (reach == 0) {
            return null;
        }
        boolean manifest = asker.manifest == null;
        int kind = random.nextInt(4);
        if (kind == 3 && upgrade != null) {
            return new ProofRequest(null, null, seek(random, source, 0, reach), upgrade, manifest);
        }
        if (kind == 2 && upgrade != null) {
            return new ProofRequest(null, null, null, upgrade, manifest);
        }
        long block = random.nextLong(reach);
        boolean below = block < have;
        if (kind == 0) {
            long nodes = below ? Prover.missingNodes(asker, have, 2 * block) : 0;
            ProofRequest.Node target = new ProofRequest.Node(block, nodes);
            ProofRequest.Seek seek = below && random.nextBoolean() ? seekNear(random, source, 2 * block, nodes) : null;
            return new ProofRequest(target, null, seek, upgrade, manifest);
        }
        long index = 2 * block;
        long limit = below ? have : reach;
        while (random.nextBoolean() && FlatTree.endBlock(FlatTree.parent(index)) <= limit) {
            index = FlatTree.parent(index);
        }
        below = FlatTree.endBlock(index) <= have;
        if (!below && FlatTree.firstBlock(index) < have) {
            index = 2 * block;
        }
        long nodes = below ? Prover.missingNodes(asker, have, index) : 0;
        ProofRequest.Seek seek = below && random.nextBoolean() ? seekNear(random, source, index, nodes) : null;
        return new ProofRequest(null, new ProofRequest.Node(index, nodes), seek, upgrade, manifest);
    }

    /** A byte below the ancestor {@code levels} above {@code index}. */
    private static ProofRequest.@Nullable Seek seekNear(Random random, MemoryLog source, long index, long levels) {
        long top = index;
        for (long i = 0; i < levels; i++) {
            top = FlatTree.parent(top);
        }
        return seek(random, source, FlatTree.firstBlock(top), FlatTree.endBlock(top));
    }

    private static ProofRequest.@Nullable Seek seek(Random random, MemoryLog source, long from, long to) {
        ByteOffsets offsets = new ByteOffsets(source, source.head, 0);
        long start = offsets.offset(2 * from);
        long end = offsets.offset(2 * to);
        return start == end ? null : new ProofRequest.Seek(start + random.nextLong(end - start), 0);
    }

    private static Proof travel(Proof proof) {
        Proof.Message message = Proof.decode(new CompactReader(Vectors.encode(proof, 77)));
        assertThat(message.request()).isEqualTo(77);
        return message.proof();
    }

    /** Whether every node, block and head of {@code reader} is that of {@code source}. */
    private static void assertSame(MemoryLog reader, MemoryLog source) {
        reader.nodes.forEach((index, node) -> assertThat(node).isEqualTo(source.node(index)));
        reader.blocks.forEach((index, block) -> assertThat(block).isEqualTo(source.blocks.get(index)));
    }

    @Property(tries = 100)
    void whatIsProvenAndEncodedHoldsForSparseReaders(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int length) {
        Random random = new Random(seed);
        MemoryLog source = MemoryLog.of(PAIR).append(PAIR, blocks(random, length));
        MemoryLog reader = MemoryLog.reader(source.key);
        MemoryLog second = MemoryLog.reader(source.key);
        for (int step = 0; step < 25; step++) {
            ProofRequest request = request(random, reader, source);
            if (request != null) {
                assertThat(reader.apply(travel(source.prove(request)))).isTrue();
                assertSame(reader, source);
            }
            serveSecondHand(random, reader, second, source);
            if (random.nextInt(8) == 0) {
                source.append(PAIR, blocks(random, 1 + random.nextInt(9)));
            }
        }
        assertThat(reader.head.length()).isPositive();
    }

    /** What a sparse reader can prove to others holds, too; what it cannot, it refuses. */
    private static void serveSecondHand(Random random, MemoryLog reader, MemoryLog second, MemoryLog source) {
        ProofRequest request = request(random, second, reader, source);
        if (request == null) {
            return;
        }
        Proof proof;
        try {
            proof = Prover.prove(reader, reader.head, null, request);
        } catch (VerificationException e) {
            assertThat(e.code()).isEqualTo(VerificationException.INVALID_OPERATION);
            return;
        }
        if (proof.block() != null) {
            ByteBuffer value = reader.blocks.get(proof.block().index());
            if (value == null) {
                return;
            }
            proof = proof.withValue(value);
        }
        assertThat(second.apply(travel(proof.withManifest(reader.manifest)))).isTrue();
        assertSame(second, source);
    }

    private static @Nullable ProofRequest request(Random random, MemoryLog second, MemoryLog reader, MemoryLog source) {
        if (reader.head.length() == 0) {
            return null;
        }
        // The source's nodes, at the reader's length: only to know which bytes exist.
        MemoryLog known = MemoryLog.reader(source.key);
        known.nodes.putAll(source.nodes);
        known.head = reader.head;
        return request(random, second, known);
    }

    @Property(tries = 250)
    void flippedBitsAreRejectedOrChangeNothingThatIsTrue(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int length) {
        Random random = new Random(seed);
        MemoryLog source = MemoryLog.of(PAIR).append(PAIR, blocks(random, length));
        MemoryLog reader = MemoryLog.reader(source.key);
        for (int step = random.nextInt(4); step > 0; step--) {
            ProofRequest request = request(random, reader, source);
            if (request != null) {
                reader.apply(source.prove(request));
            }
        }
        ProofRequest request = request(random, reader, source);
        if (request == null) {
            return;
        }
        byte[] bytes = Vectors.encode(source.prove(request), 1);
        for (int i = 0; i < 40; i++) {
            byte[] flipped = bytes.clone();
            int bit = random.nextInt(8 * bytes.length);
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertTrueOrRejected(reader, source, flipped);
        }
    }

    private static void assertTrueOrRejected(MemoryLog reader, MemoryLog source, byte[] bytes) {
        Proof proof;
        ProofVerifier.Verified verified;
        try {
            proof = Proof.decode(new CompactReader(bytes)).proof();
            verified = new ProofVerifier(reader.key, reader.manifest).verify(reader, reader.head, proof);
        } catch (EncodingException | VerificationException e) {
            return;
        }
        if (verified == null) {
            assertThat(proof.fork()).isNotEqualTo(reader.head.fork());
            return;
        }
        for (TreeNode node : verified.nodes()) {
            TreeNode real = source.node(node.index());
            assertThat(real).isNotNull();
            assertThat(node.hash()).isEqualTo(real.hash());
            if (!verified.unprovenSizes().contains(node.index())) {
                assertThat(node.size()).isEqualTo(real.size());
            }
        }
        if (proof.block() != null) {
            assertThat(proof.block().value())
                    .isEqualTo(source.blocks.get(proof.block().index()));
        }
        if (verified.head() != null) {
            assertThat(verified.head().length()).isEqualTo(source.head.length());
            assertThat(verified.head().treeHash()).isEqualTo(source.head.treeHash());
            assertThat(verified.head().roots()).isEqualTo(source.head.roots());
        }
        if (verified.manifest() != null) {
            assertThat(verified.manifest()).isEqualTo(source.manifest);
        }
    }

    @Property
    void noRequestMakesTheProverFailOtherwise(
            @ForAll @IntRange(max = 20) int length,
            @ForAll int parts,
            @ForAll @LongRange(min = -2, max = 50) long small,
            @ForAll @LongRange(min = 0) long any,
            @ForAll @LongRange(min = 0) long other) {
        MemoryLog log = MemoryLog.vectors(PAIR, length);
        long[] numbers = {small, any, other, any % 50, other % 7, CompactReader.MAX_UINT};
        Random random = new Random(any ^ small);
        ProofRequest request = new ProofRequest(
                (parts & 1) != 0 ? new ProofRequest.Node(pick(random, numbers), pick(random, numbers)) : null,
                (parts & 2) != 0 ? new ProofRequest.Node(pick(random, numbers), pick(random, numbers)) : null,
                (parts & 4) != 0 ? new ProofRequest.Seek(pick(random, numbers), pick(random, numbers)) : null,
                (parts & 8) != 0 ? new ProofRequest.Upgrade(pick(random, numbers), pick(random, numbers)) : null,
                false);
        Prologue prologue = (parts & 16) != 0 ? new Prologue(Namespaces.TREE, pick(random, numbers)) : null;
        try {
            Prover.prove(log, log.head, prologue, request);
        } catch (VerificationException e) {
            assertThat(e.code()).isEqualTo(VerificationException.INVALID_OPERATION);
        }
    }

    private static long pick(Random random, long[] numbers) {
        return numbers[random.nextInt(numbers.length)];
    }

    @Property
    void decodingAnyBytesFailsAsExpectedOrGivesWhatEncodesToTheSame(@ForAll @Size(max = 300) byte[] bytes) {
        Proof.Message message;
        try {
            message = Proof.decode(new CompactReader(bytes));
        } catch (EncodingException e) {
            return;
        }
        byte[] encoded = Vectors.encode(message.proof(), message.request());
        Proof.Message again = Proof.decode(new CompactReader(encoded));
        assertThat(Vectors.encode(again.proof(), again.request())).isEqualTo(encoded);
        assertThat(again.request()).isEqualTo(message.request());
    }

    @Property
    void verifyingAnythingThatDecodesFailsAsExpected(
            @ForAll @Size(max = 120) List<@IntRange(max = 12) Integer> bytes, @ForAll @IntRange(max = 31) int flags) {
        // Small numbers and few parts: so that many of these decode, with nodes at low indexes.
        CompactWriter out = new CompactWriter().uint8(flags).uint(1).uint(0);
        bytes.forEach(out::uint8);
        out.raw(new byte[400]);
        MemoryLog log = MemoryLog.vectors(PAIR, 6);
        try {
            Proof proof = Proof.decode(new CompactReader(out.toByteArray())).proof();
            new ProofVerifier(log.key, log.manifest).verify(log, log.head, proof);
            StandaloneProof.decode(ByteBuffer.wrap(out.toByteArray())).verify(log.key);
        } catch (EncodingException | VerificationException e) {
            assertThat(e.code()).isNotEmpty();
        }
    }
}

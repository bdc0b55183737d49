package dev.espalier.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Key;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.Reorg;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers that follow a log to a larger fork. */
class LogReorgTest {

    private static final LogFiles.Segments SMALL = new LogFiles.Segments(8, 9, 9, 13);

    @TempDir
    Path folder;

    private static void grow(Log log, int count) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(("block " + (log.length() + i) + " of fork " + log.fork()).getBytes(UTF_8)));
        }
        log.append(blocks);
    }

    private static Proof whole(Log source) {
        return source.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, source.length()), true));
    }

    /** Answers all that a reorg asks for. */
    private static LogReorg compared(Log reader, Log source, Random random) {
        LogReorg reorg = reader.reorg(whole(source));
        for (int steps = 0; reorg.want() != null; steps++) {
            assertThat(steps).isLessThan(64);
            Reorg.Want want = reorg.want();
            long block = want.start() + random.nextLong(Math.min(want.end(), source.length()) - want.start());
            assertThat(reorg.update(source.prove(want.request(block)))).isTrue();
        }
        return reorg;
    }

    private static void fetch(Log source, Log reader, long block) {
        reader.apply(SparseLogTest.fetch(source, reader, block));
    }

    private static void fetchAll(Log source, Log reader) {
        for (long block = 0; block < source.length(); block++) {
            if (!reader.has(block)) {
                fetch(source, reader, block);
            }
        }
    }

    private static void assertSame(Log reader, Log source) {
        assertThat(reader.fork()).isEqualTo(source.fork());
        assertThat(reader.length()).isEqualTo(source.length());
        assertThat(reader.treeHash()).isEqualTo(source.treeHash());
        assertThat(LogAudit.run(reader).bad()).isEmpty();
        for (long block = 0; block < reader.length(); block++) {
            if (reader.has(block)) {
                assertThat(reader.get(block)).isEqualTo(source.get(block));
            }
        }
    }

    @Test
    void aWholeReaderKeepsWhatBothForksShareAndNothingElse() throws Exception {
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"))) {
            Log source = writing.log("source");
            Log reader = reading.log(source.key());
            grow(source, 20);
            reader.apply(SparseLogTest.upgrade(source, reader));
            fetchAll(source, reader);
            source.truncate(9);
            grow(source, 30);
            List<String> events = new ArrayList<>();
            reader.listen(new LogListener() {
                @Override
                public void truncated(Log log, long length, long fork) {
                    events.add("truncated " + length + " " + fork + " at " + log.length());
                }

                @Override
                public void headChanged(Log log) {
                    events.add("head " + log.length());
                }
            });
            assertThat(compared(reader, source, new Random(1)).apply()).isTrue();
            assertThat(events).containsExactly("truncated 9 1 at 39", "head 39");
            assertThat(reader.presentCount()).isEqualTo(9);
            assertThat(reader.contiguousLength()).isEqualTo(9);
            assertThat(reader.has(9)).isFalse();
            assertSame(reader, source);
            fetchAll(source, reader);
            assertSame(reader, source);
            assertThat(reader.contiguousLength()).isEqualTo(39);
        }
        try (LogStore reading = LogStore.open(folder.resolve("b"))) {
            Log reader = reading.log(keyOf(reading));
            assertThat(reader.length()).isEqualTo(39);
            assertThat(reader.fork()).isEqualTo(1);
            assertThat(LogAudit.run(reader).ok()).isTrue();
        }
    }

    private static Key keyOf(LogStore store) {
        return store.stored(store.discoveryKeys().get(0)).orElseThrow().key();
    }

    @Test
    void aLogThatMovedMeanwhileIsLeftAlone() {
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"))) {
            Log source = writing.log("source");
            Log reader = reading.log(source.key());
            grow(source, 5);
            reader.apply(SparseLogTest.upgrade(source, reader));
            grow(source, 1);
            Proof later = SparseLogTest.upgrade(source, reader);
            source.truncate(2);
            grow(source, 1);
            LogReorg reorg = compared(reader, source, new Random(2));
            reader.apply(later);
            assertThat(reorg.isCurrent()).isFalse();
            assertThat(reorg.apply()).isFalse();
            assertThat(reader.fork()).isZero();
            assertThat(reader.length()).isEqualTo(6);
            assertThat(compared(reader, source, new Random(2)).apply()).isTrue();
            assertSame(reader, source);
        }
    }

    @Test
    void aForkThatIsNotLargerOrNotSignedIsRefused() {
        try (LogStore writing = LogStore.open(folder.resolve("a"));
                LogStore reading = LogStore.open(folder.resolve("b"))) {
            Log source = writing.log("source");
            Log reader = reading.log(source.key());
            grow(source, 5);
            reader.apply(SparseLogTest.upgrade(source, reader));
            assertThatThrownBy(() -> reader.reorg(whole(source)))
                    .isInstanceOf(VerificationException.class)
                    .extracting("code")
                    .isEqualTo(VerificationException.INVALID_OPERATION);
            Proof same = whole(source);
            Proof forged = new Proof(1, null, null, null, same.upgrade(), null);
            assertThatThrownBy(() -> reader.reorg(forged))
                    .extracting("code")
                    .isEqualTo(VerificationException.INVALID_SIGNATURE);
            assertThat(reader.fork()).isZero();
        }
    }

    @Property(tries = 100)
    void anySparseReaderFollowsAnyTruncation(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path place = Files.createTempDirectory("reorg-model");
        try (LogStore writing = open(place.resolve("a"), new HastyStorage())) {
            Log source = writing.log("source");
            LogStore reading = open(place.resolve("b"), new HastyStorage());
            Log reader = reading.log(source.key());
            try {
                grow(source, 1 + random.nextInt(40));
                reader.apply(SparseLogTest.upgrade(source, reader));
                for (int round = 0; round < 4; round++) {
                    for (int i = random.nextInt(20); i > 0; i--) {
                        fetch(source, reader, random.nextLong(reader.length()));
                    }
                    long common = random.nextLong(source.length() + 1);
                    source.truncate(common);
                    grow(source, (common == 0 ? 1 : 0) + random.nextInt(40));
                    List<Long> held = new ArrayList<>();
                    for (long i = reader.nextPresent(0, reader.length()); i < reader.length(); ) {
                        held.add(i);
                        i = reader.nextPresent(i + 1, reader.length());
                    }
                    assertThat(compared(reader, source, random).apply()).isTrue();
                    assertSame(reader, source);
                    assertThat(reader.presentCount()).isLessThanOrEqualTo(held.size());
                    if (round % 2 == 1) {
                        reading.close();
                        reading = open(place.resolve("b"), new HastyStorage());
                        reader = reading.log(source.key());
                        assertSame(reader, source);
                    }
                }
                fetchAll(source, reader);
                assertSame(reader, source);
                assertThat(reader.contiguousLength()).isEqualTo(source.length());
            } finally {
                reading.close();
            }
        } finally {
            LogModelTest.delete(place);
        }
    }

    private static LogStore open(Path place, Storage storage) {
        return LogStore.open(place, StoreOptions.defaults(), storage, SMALL);
    }

    /** A reader with all 33 blocks of a log that moves on to another fork then, closed cleanly. */
    private static void reader(LogStore writing, Path place, Storage storage) {
        Log source = writing.log("source");
        grow(source, 33);
        try (LogStore reading = open(place, storage)) {
            Log reader = reading.log(source.key());
            reader.apply(SparseLogTest.upgrade(source, reader));
            fetchAll(source, reader);
        }
        source.truncate(11);
        grow(source, 13);
    }

    @ParameterizedTest
    @EnumSource(FaultyStorage.Fault.class)
    void aReorgThatFailsAnywhereIsDoneOrNotBegun(FaultyStorage.Fault fault) throws IOException {
        int old = 0;
        int moved = 0;
        boolean ended = false;
        Path place = Files.createDirectories(folder.resolve("r"));
        Path elsewhere = Files.createDirectories(folder.resolve("w"));
        for (long at = 1; !ended; at++) {
            PowerLossStorage memory = new PowerLossStorage(place);
            try (LogStore writing = open(elsewhere, new PowerLossStorage(elsewhere))) {
                reader(writing, place, memory);
                Log source = writing.log("source");
                FaultyStorage storage = new FaultyStorage(fault, at, memory);
                LogStore reading = null;
                boolean failed = false;
                boolean acknowledged = false;
                try {
                    reading = open(place, storage);
                    Log reader = reading.log(source.key());
                    compared(reader, source, new Random(at)).apply();
                    acknowledged = true;
                } catch (FaultyStorage.Killed | StorageException e) {
                    failed = true;
                }
                if (reading != null) {
                    try {
                        reading.close();
                    } catch (FaultyStorage.Killed | StorageException e) {
                        failed = true;
                    }
                }
                ended = !failed;
                for (int opening = 0; opening < 2; opening++) {
                    try (LogStore again = open(place, memory)) {
                        Log reader = again.log(source.key());
                        TreeHead head = reader.head();
                        if (head.fork() == 0) {
                            assertThat(acknowledged).isFalse();
                            assertThat(head.length()).isEqualTo(33);
                            assertThat(reader.presentCount()).isEqualTo(33);
                            old++;
                        } else {
                            assertThat(reader.presentCount()).isEqualTo(11);
                            assertSame(reader, source);
                            moved++;
                        }
                        assertThat(LogAudit.run(reader).bad()).isEmpty();
                        if (opening == 1 && head.fork() == 0) {
                            assertThat(compared(reader, source, new Random(3)).apply())
                                    .isTrue();
                            assertSame(reader, source);
                        }
                    }
                }
            }
        }
        assertThat(old).isPositive();
        assertThat(moved).isPositive();
        System.out.println("reorg " + fault + ": " + (old + moved) / 2 + " cuts, " + old / 2 + " before it began");
    }

    @Test
    void afterAFailureHalfwayTheLogIsFinishedByOpeningTheStoreAgain() {
        try (LogStore writing = LogStore.open(folder.resolve("w"))) {
            Path place = folder.resolve("r");
            reader(writing, place, new FileStorage(MappingMode.best()));
            Log source = writing.log("source");
            try (LogStore reading = open(place, new FaultyStorage(FaultyStorage.Fault.ERROR, 22))) {
                Log reader = reading.log(source.key());
                LogReorg reorg = compared(reader, source, new Random(1));
                assertThatThrownBy(reorg::apply).isInstanceOf(StorageException.class);
                assertThatThrownBy(() -> reader.apply(whole(source))).isInstanceOf(StorageException.class);
                reader.close();
                assertThatThrownBy(() -> reading.log(source.key())).hasMessageContaining("open the store again");
                Log other = reading.log("other");
                grow(other, 3);
                assertThat(other.length()).isEqualTo(3);
            }
            try (LogStore reading = LogStore.open(place)) {
                assertSame(reading.log(source.key()), source);
            }
        }
    }
}

package dev.espalier.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * However appends, pushes, requests and words of the reader's length cross on the wire: what the writer sends fits the
 * log of a reader that takes it in the order in which it was sent, and a block that was pushed is there.
 */
@Tag("exhaustive")
class PushLawsTest {

    private static final int COURSES = 50;
    private static final int STEPS = 60;

    @TempDir(factory = MemoryFolder.class)
    Path folder;

    @Test
    void whatIsPushedAndAnsweredFitsInAnyOrderOfEvents() {
        int repeated = 0;
        try (LogStore writing = LogStore.open(folder.resolve("writer"));
                LogStore reading = LogStore.open(folder.resolve("reader"))) {
            for (int seed = 0; seed < COURSES; seed++) {
                try (Log log = writing.log("events" + seed);
                        Log copy = reading.log(log.key());
                        EmbeddedPeer peer = new EmbeddedPeer(writing, true, new byte[64])) {
                    repeated += new Course(seed, log, copy, peer).run();
                }
            }
        }
        assertThat(repeated).as("requests that a push overtook").isGreaterThan(COURSES);
    }

    /** A reader by hand: messages of both directions wait until it is their turn. */
    private static final class Course {

        private final int seed;
        private final Random random;
        private final Log log;
        private final Log copy;
        private final EmbeddedPeer peer;
        private final ArrayDeque<Data> toReader = new ArrayDeque<>();
        private final ArrayDeque<LogMessage> toWriter = new ArrayDeque<>();
        private int taken;
        private long asked;
        private boolean asking;
        private int overtaken;

        Course(int seed, Log log, Log copy, EmbeddedPeer peer) {
            this.seed = seed;
            random = new Random(seed);
            this.log = log;
            this.copy = copy;
            this.peer = peer;
        }

        int run() {
            TestBlocks.append(log, 1 + random.nextInt(12), 8);
            if (random.nextBoolean()) {
                copy.apply(
                        log.prove(new ProofRequest(null, null, null, new ProofRequest.Upgrade(0, log.length()), true)));
            }
            AnswersTest.openFor(peer, log);
            peer.receive(sync());
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> TestBlocks.append(log, 1 + random.nextInt(3), 8);
                    case 1, 2 -> push(Math.max(0, log.length() - 1 - random.nextInt(4)));
                    case 3 -> ask();
                    case 4 -> read();
                    default -> write();
                }
            }
            while (!toReader.isEmpty() || !toWriter.isEmpty() || copy.length() < log.length()) {
                ask();
                write();
                read();
            }
            assertThat(copy.treeHash()).as("seed %d", seed).isEqualTo(log.treeHash());
            return overtaken;
        }

        private void push(long index) {
            peer.replicator.logInUse(log).push(index);
            collect();
        }

        /** Asks for what it lacks, with or without a block, as long as nothing else is asked for. */
        private void ask() {
            long length = copy.length();
            if (!asking && log.length() > length) {
                asking = true;
                long block = length + random.nextInt((int) (log.length() - length));
                toWriter.add(new Request(
                        ++asked,
                        0,
                        new ProofRequest(
                                random.nextBoolean() ? null : new ProofRequest.Node(block, 0),
                                null,
                                null,
                                new ProofRequest.Upgrade(length, log.length() - length),
                                copy.manifest() == null),
                        0));
            }
        }

        /** The writer takes a message. */
        private void write() {
            LogMessage message = toWriter.poll();
            if (message != null) {
                peer.receive(message);
                collect();
            }
        }

        private void collect() {
            List<Data> sent = peer.sent(Data.class);
            toReader.addAll(sent.subList(taken, sent.size()));
            taken = sent.size();
        }

        /** The reader takes a message. */
        private void read() {
            Data data = toReader.poll();
            if (data == null) {
                return;
            }
            if (data.request() != 0) {
                asking = false;
                if (data.proof().upgrade() != null
                        && copy.length() > data.proof().upgrade().start()) {
                    overtaken++;
                }
            }
            copy.apply(data.proof());
            if (data.proof().block() != null) {
                assertThat(copy.has(data.proof().block().index()))
                        .as("seed %d", seed)
                        .isTrue();
            }
            toWriter.add(sync());
        }

        private Sync sync() {
            return new Sync(0, copy.length(), log.length(), false, true, true, true, true);
        }
    }
}

package dev.espalier.replicate;

import static dev.espalier.replicate.Vectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogAudit;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.VerificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Recorded messages with every single bit turned around, cut off after every byte, with every number made huge, in any
 * order and more than once: they are refused, or do no harm. What the secret stream makes of such things is a law of
 * {@code SecretStreamLawsTest}.
 */
@Tag("exhaustive")
class MutationLawsTest {

    /** Most messages of one transcript, the rest being more of the same; {@code -Despalier.mutations=all} takes all. */
    private static final int MOST = "all".equals(System.getProperty("espalier.mutations")) ? Integer.MAX_VALUE : 8;

    @TempDir(factory = MemoryFolder.class)
    Path folder;

    static Stream<String> transcripts() {
        return Vectors.list("transcripts").asList().stream()
                .map(transcript -> transcript.getAsJsonObject().get("name").getAsString());
    }

    /** One that holds the log is sent the frames of either side. */
    @ParameterizedTest
    @MethodSource("transcripts")
    @SuppressWarnings("ReferenceEquality") // a head that was published anew would be another object
    void aPeerThatServesKeepsItsLog(String name) {
        JsonObject transcript = transcript(name);
        Manifest manifest = manifest(transcript);
        byte[] handshakeHash = bytes(transcript, "handshakeHash");
        int tried = 0;
        int refused = 0;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest.key())) {
            answers(transcript).forEach(answer -> apply(log, answer));
            TreeHead head = log.head();
            long present = log.presentCount();
            // Connections come and go; this keeps the log in replication.
            try (EmbeddedPeer other = new EmbeddedPeer(store, true, new byte[64])) {
                for (char side : new char[] {'A', 'B'}) {
                    List<byte[]> frames = frames(transcript, side == 'A' ? 'B' : 'A');
                    Live live = new Live(store, side == 'A', handshakeHash, frames.get(0));
                    for (int number = 0; number < frames.size(); number++) {
                        byte[] frame = frames.get(number);
                        for (int which = 0; which < mutations(frame) && number < MOST; which++) {
                            EmbeddedPeer peer = live.peer(number);
                            peer.receive(mutation(frame, which));
                            tried++;
                            if (!peer.isOpen()) {
                                assertThat(peer.connection.mux().failure())
                                        .as("frame %d for %s, mutation %d", number, side, which)
                                        .isInstanceOf(EspalierException.class);
                                refused++;
                            }
                            assertThat(log.head() == head && log.presentCount() == present)
                                    .as("the log is as it was, frame %d for %s, mutation %d", number, side, which)
                                    .isTrue();
                        }
                    }
                    live.close();
                }
                AnswersTest.openFor(other, log);
                assertThat(other.sent(LogMessage.Sync.class)).hasSize(1);
            }
            assertThat(LogAudit.run(log).bad()).isEmpty();
        }
        assertThat(refused).isPositive();
        System.out.println(
                "transcript " + name + ", served: " + tried + " mutations, " + refused + " end the connection");
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void framesInAnyOrderAndMoreThanOnceAreHarmless(String name) {
        JsonObject transcript = transcript(name);
        int ended = 0;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest(transcript).key())) {
            answers(transcript).forEach(answer -> apply(log, answer));
            for (int seed = 0; seed < 100; seed++) {
                List<byte[]> frames = frames(transcript, seed % 2 == 0 ? 'A' : 'B');
                List<byte[]> mixed = new ArrayList<>(frames.subList(1, Math.min(MOST, frames.size())));
                frames.stream()
                        .filter(frame -> EmbeddedPeer.parse(frame).get(0).channel() != 0)
                        .limit(MOST)
                        .forEach(mixed::add);
                Collections.shuffle(mixed, new Random(seed));
                mixed.add(seed % 4 < 2 ? 0 : seed % Math.max(1, mixed.size()), frames.get(0));
                try (EmbeddedPeer peer = new EmbeddedPeer(store, seed % 2 == 1, bytes(transcript, "handshakeHash"))) {
                    for (int i = 0; i < mixed.size() && peer.isOpen(); i++) {
                        peer.receive(mixed.get(i));
                    }
                    if (!peer.isOpen()) {
                        assertThat(peer.connection.mux().failure()).isInstanceOf(EspalierException.class);
                        ended++;
                    }
                }
                // It may have followed to a later tree, which was signed, too.
                assertThat(LogAudit.run(log).bad()).as("seed %d", seed).isEmpty();
            }
        }
        System.out.println("transcript " + name + ", 100 orders: " + ended + " end the connection");
    }

    /** A connection that is made anew when the other side lost it. */
    private static final class Live {

        private final LogStore store;
        private final boolean initiator;
        private final byte[] handshakeHash;
        private final byte[] open;
        private @Nullable EmbeddedPeer peer;

        Live(LogStore store, boolean initiator, byte[] handshakeHash, byte[] open) {
            this.store = store;
            this.initiator = initiator;
            this.handshakeHash = handshakeHash;
            this.open = open;
        }

        EmbeddedPeer peer(int frame) {
            EmbeddedPeer current = peer;
            if (current != null && (frame == 0 || !current.isOpen())) {
                current.close();
                current = null;
            }
            if (current == null) {
                current = new EmbeddedPeer(store, initiator, handshakeHash);
                if (frame > 0) {
                    current.receive(open);
                }
                peer = current;
            }
            return current;
        }

        void close() {
            if (peer != null) {
                peer.close();
            }
        }
    }

    /** One that reads the log takes the flipped answer in the state in which the true one came. */
    @ParameterizedTest
    @MethodSource("transcripts")
    @SuppressWarnings("ReferenceEquality") // a head that was published anew would be another object
    void aReaderStoresNothingThatWasNotSigned(String name) {
        JsonObject transcript = transcript(name);
        Manifest manifest = manifest(transcript);
        List<byte[]> answers = answers(transcript);
        answers = answers.subList(0, Math.min(MOST, answers.size()));
        int tried = 0;
        int harmless = 0;
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest.key());
                LogStore trueStore = LogStore.open(folder.resolve("true"));
                Log trueLog = trueStore.log(manifest.key())) {
            // What the true answers lead to, by fork and length.
            Map<String, String> heads = new HashMap<>();
            for (byte[] answer : answers) {
                apply(trueLog, answer);
                heads.put(
                        trueLog.fork() + " " + trueLog.length(),
                        trueLog.treeHash().toString());
            }
            for (byte[] answer : answers) {
                TreeHead head = log.head();
                long present = log.presentCount();
                // What stands in front is not signed, and would be taken: it comes last.
                for (int which = mutations(answer) - 1; which >= 0; which--) {
                    apply(log, mutation(answer, which));
                    tried++;
                    if (log.head() != head || log.presentCount() != present) {
                        harmless++;
                        assertThat(log.treeHash())
                                .hasToString(heads.getOrDefault(log.fork() + " " + log.length(), "no such head"));
                        assertThat(LogAudit.run(log).bad())
                                .as("mutation %d", which)
                                .isEmpty();
                        head = log.head();
                        present = log.presentCount();
                    }
                }
                apply(log, answer);
            }
            assertThat(LogAudit.run(log).bad()).isEmpty();
            assertThat(log.treeHash()).isEqualTo(trueLog.treeHash());
            assertThat(log.presentCount()).isEqualTo(trueLog.presentCount());
        }
        System.out.println(
                "transcript " + name + ", read: " + tried + " mutations, " + harmless + " of no consequence");
    }

    /** Takes an answer in, or refuses it in one of our ways. */
    private static void apply(Log log, byte[] answer) {
        try {
            Proof proof = Proof.decode(new CompactReader(answer)).proof();
            log.apply(proof);
        } catch (VerificationException | EncodingException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    /** The bodies of all data messages. */
    private static List<byte[]> answers(JsonObject transcript) {
        List<byte[]> answers = new ArrayList<>();
        for (char side : new char[] {'A', 'B'}) {
            for (byte[] frame : frames(transcript, side)) {
                for (EmbeddedPeer.Wire wire : EmbeddedPeer.parse(frame)) {
                    if (wire.channel() != 0 && wire.type() == LogMessage.Data.TYPE) {
                        answers.add(wire.body());
                    }
                }
            }
        }
        return answers;
    }

    /** Manifest of the log: noted, or given in an answer; of another log where the conversation is about none. */
    private static Manifest manifest(JsonObject transcript) {
        if (transcript.has("core")) {
            return Manifest.decode(new CompactReader(bytes(transcript.getAsJsonObject("core"), "manifest")));
        }
        return answers(transcript).stream()
                .map(answer -> Proof.decode(new CompactReader(answer)).proof().manifest())
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() ->
                        Manifest.singleSigner(KeyPair.fromSeed(new byte[32]).publicKey()));
    }

    private static final long[] HUGE = {(1L << 53) - 1, (1L << 52) + 1, 1L << 32, (1L << 31) - 1};

    private static int mutations(byte[] message) {
        return (8 + 1 + HUGE.length) * message.length;
    }

    /** For each byte, in this order: its bits turned, the message ending before it, a huge number in its place. */
    private static byte[] mutation(byte[] message, int which) {
        int place = which / (8 + 1 + HUGE.length);
        int kind = which % (8 + 1 + HUGE.length);
        if (kind < 8) {
            byte[] copy = message.clone();
            copy[place] ^= (byte) (1 << kind);
            return copy;
        }
        CompactWriter start = new CompactWriter().raw(Arrays.copyOf(message, place));
        if (kind == 8) {
            return start.toByteArray();
        }
        int first = message[place] & 0xff;
        int end = place + (first < 0xfd ? 1 : 1 + (2 << (first - 0xfd)));
        return start.uint(HUGE[kind - 9])
                .raw(Arrays.copyOfRange(message, Math.min(end, message.length), message.length))
                .toByteArray();
    }

    private static List<byte[]> frames(JsonObject transcript, char side) {
        List<byte[]> frames = new ArrayList<>();
        for (JsonElement element : transcript.getAsJsonArray("frames")) {
            JsonObject frame = element.getAsJsonObject();
            if (frame.get("from").getAsString().charAt(0) == side) {
                frames.add(bytes(frame, "hex"));
            }
        }
        return frames;
    }

    private static JsonObject transcript(String name) {
        for (JsonElement element : Vectors.list("transcripts")) {
            if (element.getAsJsonObject().get("name").getAsString().equals(name)) {
                return element.getAsJsonObject();
            }
        }
        throw new AssertionError("no transcript " + name);
    }
}

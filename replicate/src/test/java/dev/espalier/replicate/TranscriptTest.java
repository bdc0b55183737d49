package dev.espalier.replicate;

import static dev.espalier.replicate.Vectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recorded conversations of published peers, this implementation in the place of the writer: it is fed what the reader
 * sent, and must give the same answers, byte for byte, and make the same announcements, in whatever order.
 */
class TranscriptTest {

    @TempDir
    Path folder;

    @Test
    void fiveBlocks() {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (JsonElement block : transcript("five-blocks").getAsJsonArray("blocks")) {
            blocks.add(ByteBuffer.wrap(bytes(block)));
        }
        replay(
                "five-blocks",
                'A',
                log -> log.append(blocks.subList(0, 5)),
                Map.of(20, (log, peer) -> log.append(blocks.subList(5, 7))));
    }

    @Test
    void threeHundredBlocks() {
        replay("three-hundred-blocks", 'B', log -> log.append(blocks(300, "x")), Map.of());
    }

    @Test
    void seek() {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            byte[] block = new byte[10 + i % 7];
            java.util.Arrays.fill(block, (byte) i);
            blocks.add(ByteBuffer.wrap(block));
        }
        replay("seek", 'B', log -> log.append(blocks), Map.of());
    }

    @Test
    void emptyLogWithAManifest() {
        replay("empty-core-manifest", 'B', log -> {}, Map.of(7, (log, peer) -> log.append(text("first"))));
    }

    @Test
    void truncateAndFork() {
        replay(
                "truncate-and-fork",
                'B',
                log -> log.append(blocks(6, "f")),
                Map.of(23, (log, peer) -> log.truncate(3), 27, (log, peer) -> log.append(blocks(4, "g"))));
    }

    @Test
    void offlineFork() {
        replay(
                "offline-fork",
                'B',
                log -> {
                    log.append(blocks(20, "o"));
                    log.truncate(9);
                    log.append(blocks(12, "p"));
                },
                Map.of());
    }

    @Test
    void freshReaderOfAForkedLog() {
        replay(
                "fresh-reader-of-forked-log",
                'B',
                log -> {
                    log.append(blocks(6, "h"));
                    log.truncate(2);
                    log.append(blocks(3, "k"));
                },
                Map.of());
    }

    @Test
    void aCancelledRequestAndBlocksGivenUp() {
        replay(
                "cancel-and-clear",
                'B',
                log -> log.append(blocks(10, "c")),
                Map.of(10, (log, peer) -> peer.writable(false), 12, (log, peer) -> {
                    peer.writable(true);
                    log.clear(4, 6);
                }));
    }

    @Test
    void anUnknownLogIsRejected() {
        JsonObject transcript = transcript("unknown-core-rejected");
        try (LogStore store = LogStore.open(folder);
                EmbeddedPeer peer = new EmbeddedPeer(store, false, bytes(transcript, "handshakeHash"))) {
            List<JsonElement> frames = transcript.getAsJsonArray("frames").asList();
            peer.receive(bytes(frames.get(0).getAsJsonObject(), "hex"));
            EmbeddedPeer.Wire expected = EmbeddedPeer.parse(bytes(frames.get(1).getAsJsonObject(), "hex"))
                    .get(0);
            assertThat(peer.control()).singleElement().satisfies(wire -> {
                assertThat(wire.type()).isEqualTo(expected.type());
                assertThat(wire.body()).isEqualTo(expected.body());
            });
            assertThat(peer.isOpen()).isTrue();
        }
        Vectors.report("transcripts unknown-core-rejected", 1);
    }

    private interface Action {
        void run(Log log, EmbeddedPeer peer);
    }

    /** {@code actions} happen before the frame of their number. */
    private void replay(String name, char writer, Consumer<Log> first, Map<Integer, Action> actions) {
        JsonObject transcript = transcript(name);
        KeyPair signer = KeyPair.fromSeed(bytes(transcript.getAsJsonObject("signer"), "seed"));
        JsonObject core = transcript.getAsJsonObject("core");
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(Manifest.decode(new CompactReader(bytes(core, "manifest"))), signer)) {
            first.accept(log);
            Map<Long, List<String>> expectedAnswers = new LinkedHashMap<>();
            Set<String> expectedNews = new LinkedHashSet<>();
            try (EmbeddedPeer peer = new EmbeddedPeer(store, writer == 'A', bytes(transcript, "handshakeHash"))) {
                int number = 0;
                for (JsonElement element : transcript.getAsJsonArray("frames")) {
                    actions.getOrDefault(number++, (nothing, nobody) -> {}).run(log, peer);
                    peer.run();
                    JsonObject frame = element.getAsJsonObject();
                    if (frame.get("from").getAsString().charAt(0) == writer) {
                        sort(EmbeddedPeer.parse(bytes(frame, "hex")), expectedAnswers, expectedNews);
                    } else {
                        peer.receive(bytes(frame, "hex"));
                    }
                }
                Map<Long, List<String>> answers = new LinkedHashMap<>();
                Set<String> news = new LinkedHashSet<>();
                sort(peer.messages(), answers, news);
                assertThat(answers).isEqualTo(expectedAnswers);
                assertThat(news).containsAll(expectedNews);
                assertThat(log.treeHash()).hasToString(core.get("treeHash").getAsString());
                assertThat(peer.isOpen()).isTrue();
            }
            int count = expectedAnswers.values().stream().mapToInt(List::size).sum();
            assertThat(count).isPositive();
            Vectors.report("transcripts " + name, count + expectedNews.size());
        }
    }

    /** Answers by request in order, everything else that is sent on the log channel by content. */
    private static void sort(List<EmbeddedPeer.Wire> wires, Map<Long, List<String>> answers, Set<String> news) {
        for (EmbeddedPeer.Wire wire : wires) {
            if (wire.channel() == 0) {
                continue;
            }
            if (wire.message() instanceof LogMessage.Data data) {
                answers.computeIfAbsent(data.request(), id -> new ArrayList<>()).add(wire.hex());
            } else {
                news.add(wire.type() + " " + wire.hex());
            }
        }
    }

    private static JsonObject transcript(String name) {
        for (JsonElement element : Vectors.list("transcripts")) {
            if (element.getAsJsonObject().get("name").getAsString().equals(name)) {
                return element.getAsJsonObject();
            }
        }
        throw new AssertionError("no transcript " + name);
    }

    /** Block i is the first eight bytes of {@code letter:i:} over and over. */
    private static List<ByteBuffer> blocks(int count, String letter) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(ByteBuffer.wrap(text((letter + ":" + i + ":").repeat(8).substring(0, 8))));
        }
        return blocks;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

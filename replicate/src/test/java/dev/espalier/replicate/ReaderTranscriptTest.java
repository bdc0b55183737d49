package dev.espalier.replicate;

import static dev.espalier.replicate.Vectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.replicate.LogMessage.Data;
import dev.espalier.replicate.LogMessage.Request;
import dev.espalier.replicate.LogMessage.Sync;
import dev.espalier.replicate.LogMessage.Want;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recorded conversations of published peers, this implementation in the place of the reader: it is fed what the writer
 * announced, its questions are given the recorded answers, and it must ask for the same heads and end with the same
 * blocks and the same last sync. Single blocks may be asked for in another order and with fewer nodes.
 */
@Timeout(60)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class ReaderTranscriptTest {

    @TempDir
    Path folder;

    @Test
    void fiveBlocksAndTwoMore() {
        replay("five-blocks", 'B', 7);
    }

    @Test
    void aSparseWriterIsAskedWhatItHas() {
        EmbeddedPeer peer = replay("sparse-seeder", 'A', 300);
        assertThat(peer.sent(Want.class)).containsExactly(new Want(0, 1 << 21, false));
    }

    @Test
    void theManifestOfAnEmptyLogIsAskedForAlone() {
        replay("empty-core-manifest", 'A', 0);
    }

    @Test
    void aFreshReaderFollowsAForkedLog() {
        replay("fresh-reader-of-forked-log", 'A', 5);
    }

    @Test
    void aWriterThatIsNotDownloadingServes() {
        replay("passive-attach", 'A', 3);
    }

    @Test
    void anIdleChannelIsClosedAndOpenedAgain() {
        replay("idle-close", 'A', 2);
    }

    @Test
    void extensionsAreIgnored() {
        replay("extension", 'B', 0);
    }

    @Test
    void whatAWriterGaveUpIsNotAskedFor() {
        EmbeddedPeer peer = replay("cancel-and-clear", 'A', 0);
        assertThat(peer.sent(Request.class)).noneMatch(request -> request.ask().block() != null);
        assertThat(peer.connection.info()).isNotNull();
    }

    private EmbeddedPeer replay(String name, char reader, long end) {
        JsonObject transcript = transcript(name);
        List<EmbeddedPeer.Wire> writer = new ArrayList<>();
        List<EmbeddedPeer.Wire> recorded = new ArrayList<>();
        List<Data> answers = new ArrayList<>();
        for (JsonElement element : transcript.getAsJsonArray("frames")) {
            JsonObject frame = element.getAsJsonObject();
            boolean own = frame.get("from").getAsString().charAt(0) == reader;
            for (EmbeddedPeer.Wire wire : EmbeddedPeer.parse(bytes(frame, "hex"))) {
                if (own) {
                    recorded.add(wire);
                } else if (wire.channel() != 0 && wire.message() instanceof Data data) {
                    answers.add(data);
                } else {
                    writer.add(wire);
                }
            }
        }
        Manifest manifest = answers.stream()
                .map(answer -> answer.proof().manifest())
                .filter(found -> found != null)
                .findFirst()
                .orElseThrow();
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(manifest.key());
                EmbeddedPeer peer = new EmbeddedPeer(store, reader == 'A', bytes(transcript, "handshakeHash"))) {
            if (end > 0) {
                log.download(0, end);
            }
            int answered = 0;
            for (EmbeddedPeer.Wire wire : writer) {
                peer.receive(wire);
                answered = answer(peer, answers, answered);
            }
            check(transcript, recorded, log, peer);
            Vectors.report("transcripts " + name + ", as reader", answered);
            return peer;
        }
    }

    /** Gives the recorded answers to the questions from the {@code answered}-th on. */
    private static int answer(EmbeddedPeer peer, List<Data> answers, int answered) {
        int done = answered;
        for (List<Request> requests = peer.sent(Request.class);
                done < requests.size();
                requests = peer.sent(Request.class)) {
            Request request = requests.get(done++);
            for (Data answer : answers) {
                if (fits(request, answer.proof())) {
                    peer.receive(new Data(request.id(), answer.proof()));
                    break;
                }
            }
        }
        return done;
    }

    private static boolean fits(Request request, Proof proof) {
        ProofRequest ask = request.ask();
        if (request.fork() != proof.fork()) {
            return false;
        }
        if (ask.block() != null) {
            return proof.block() != null && proof.block().index() == ask.block().index();
        }
        if (ask.upgrade() != null) {
            return proof.upgrade() != null
                    && proof.upgrade().start() == ask.upgrade().start()
                    && proof.upgrade().length() == ask.upgrade().length();
        }
        return proof.manifest() != null && proof.upgrade() == null && proof.block() == null;
    }

    private static void check(JsonObject transcript, List<EmbeddedPeer.Wire> recorded, Log log, EmbeddedPeer peer) {
        assertThat(peer.isOpen()).isTrue();
        Set<ProofRequest> heads = new LinkedHashSet<>();
        Set<Long> blocks = new HashSet<>();
        Sync last = null;
        for (EmbeddedPeer.Wire wire : recorded) {
            if (wire.channel() == 0) {
                continue;
            }
            if (wire.message() instanceof Request request && request.ask().block() == null) {
                heads.add(request.ask());
            } else if (wire.message() instanceof Request request) {
                blocks.add(request.ask().block().index());
            } else if (wire.message() instanceof Sync sync && sync.downloading()) {
                last = sync;
            }
        }
        Set<ProofRequest> asked = new LinkedHashSet<>();
        peer.sent(Request.class).stream()
                .map(Request::ask)
                .filter(ask -> ask.block() == null)
                .forEach(asked::add);
        assertThat(asked).isEqualTo(heads);
        assertThat(peer.sent(Sync.class)).contains(last);
        if (log.presentCount() > 0) {
            Set<Long> held = new HashSet<>();
            LongStream.range(0, log.length()).filter(log::has).forEach(held::add);
            assertThat(held).isEqualTo(blocks);
        }
        if (transcript.has("core")) {
            assertThat(log.treeHash())
                    .hasToString(
                            transcript.getAsJsonObject("core").get("treeHash").getAsString());
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
}

package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself: JavaScript to JavaScript, so that a failing interop test is not the harness's fault. */
class NodePeersTest {

    private static final String SEED = "5b".repeat(32);

    @TempDir
    Path folder;

    @Test
    @RequiresNode
    void twoJavaScriptPeersReplicateALogAndFollowAnAppend() {
        try (NodePeer writer = NodePeers.start(
                "replicate-peer.mjs",
                "--listen",
                "0",
                "--storage",
                folder.resolve("writer").toString(),
                "--create",
                "5",
                "--block-size",
                "100",
                "--seed",
                SEED,
                "--live")) {
            JsonObject written = writer.await("ready");
            assertThat(written.get("length").getAsInt()).isEqualTo(5);

            try (NodePeer reader = NodePeers.start(
                    "replicate-peer.mjs",
                    "--connect",
                    String.valueOf(writer.awaitPort()),
                    "--storage",
                    folder.resolve("reader").toString(),
                    "--key",
                    written.get("key").getAsString(),
                    "--download",
                    "--live")) {
                JsonObject downloaded = reader.await("downloaded");
                assertThat(downloaded.get("blocks").getAsInt()).isEqualTo(5);
                assertThat(downloaded.get("treeHash")).isEqualTo(written.get("treeHash"));

                writer.send("append 3");
                assertThat(writer.await("appended").get("length").getAsInt()).isEqualTo(8);
                reader.await("append", event -> event.get("length").getAsInt() == 8);

                reader.send("exit");
                assertThat(reader.awaitExit()).isZero();
            }
        }
    }

    @Test
    @RequiresNode
    void aDrivePeerAnswersRequests() {
        try (NodePeer peer = NodePeers.start(
                "drive-peer.mjs", "--storage", folder.resolve("drive").toString(), "--write")) {
            peer.await("ready");
            JsonObject put = command("put", "/a.txt");
            put.addProperty("text", "espalier");
            assertThat(peer.request(put).get("version").getAsInt()).isEqualTo(2);
            assertThat(peer.request(command("get", "/a.txt")).get("size").getAsInt())
                    .isEqualTo(8);
            JsonObject list = new JsonObject();
            list.addProperty("cmd", "list");
            JsonArray items = peer.request(list).getAsJsonArray("items");
            assertThat(items).hasSize(1);
        }
    }

    @Test
    @RequiresNode
    void aPeerThatEndsEarlyFailsTheWaitWithWhatItSaid() {
        try (NodePeer peer = NodePeers.start("replicate-peer.mjs", "--nonsense", "1")) {
            assertThatThrownBy(() -> peer.await("ready"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended without saying \"ready\"");
            assertThat(peer.awaitExit()).isEqualTo(1);
        }
    }

    @Test
    @RequiresNode
    void closingAPeerKillsIt() {
        NodePeer peer = NodePeers.start(
                "replicate-peer.mjs",
                "--listen",
                "0",
                "--storage",
                folder.resolve("idle").toString(),
                "--create",
                "1",
                "--seed",
                SEED,
                "--live");
        peer.await("listening");
        assertThat(peer.isAlive()).isTrue();
        peer.close();
        assertThat(peer.isAlive()).isFalse();
    }

    @Test
    void missingNodeSkipsAtHomeAndFailsInCi() {
        ConditionEvaluationResult here = RequiresNode.Condition.decide("", true);
        assertThat(here.isDisabled()).isFalse();
        ConditionEvaluationResult atHome = RequiresNode.Condition.decide("no node", false);
        assertThat(atHome.isDisabled()).isTrue();
        assertThatThrownBy(() -> RequiresNode.Condition.decide("no node", true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no node");
    }

    private static JsonObject command(String name, String path) {
        JsonObject command = new JsonObject();
        command.addProperty("cmd", name);
        command.addProperty("path", path);
        return command;
    }
}

package dev.espalier.replicate;

import static dev.espalier.replicate.Vectors.bytes;
import static dev.espalier.replicate.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import dev.espalier.merkle.TreeNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogMessageVectorsTest {

    @Test
    void messagesHaveThePublishedBytesAndFields() {
        int count = 0;
        for (JsonElement element : Vectors.object("messages").getAsJsonArray("list")) {
            JsonObject vector = element.getAsJsonObject();
            int type = vector.get("typeId").getAsInt();
            String name = vector.get("type").getAsString();
            LogMessage message = LogMessage.decode(type, new CompactReader(bytes(vector, "hex")));
            assertThat(message).as(name).isNotNull();
            assertThat(message.type()).isEqualTo(type);
            assertThat(hex(encode(message)))
                    .as(name)
                    .isEqualTo(vector.get("hex").getAsString());
            assertThat(fields(message)).as(name).isEqualTo(expected(vector.getAsJsonObject("fields")));
            count++;
        }
        assertThat(count).isEqualTo(32);
        Vectors.report("messages", count);
    }

    @Test
    void handshakesHaveThePublishedBytes() {
        int count = 0;
        for (JsonElement element : Vectors.object("messages").getAsJsonArray("handshake")) {
            JsonObject vector = element.getAsJsonObject();
            JsonObject fields = vector.getAsJsonObject("fields");
            LogHandshake handshake = LogHandshake.decode(new CompactReader(bytes(vector, "hex")));
            assertThat(handshake.seeks()).isEqualTo(fields.get("seeks").getAsBoolean());
            assertThat(handshake.capability())
                    .hasToString(fields.get("capability").getAsString());
            assertThat(hex(handshake.encode())).isEqualTo(vector.get("hex").getAsString());
            count++;
        }
        assertThat(count).isEqualTo(2);
        Vectors.report("messages.handshake", count);
    }

    @Test
    void capabilitiesAreMadeForTheRoleOfTheirMaker() {
        JsonObject vector = Vectors.object("capability");
        Key key = Key.of(bytes(vector, "coreKey"));
        byte[] handshakeHash = bytes(vector, "handshakeHash");
        LogHandshake initiator = new LogHandshake(true, LogHandshake.capability(key, handshakeHash, true));
        assertThat(initiator.capability())
                .hasToString(vector.get("sentByInitiator").getAsString());
        assertThat(LogHandshake.capability(key, handshakeHash, false))
                .hasToString(vector.get("sentByResponder").getAsString());
        assertThat(initiator.proves(LogHandshake.capability(key, handshakeHash, true)))
                .isTrue();
        assertThat(initiator.proves(LogHandshake.capability(key, handshakeHash, false)))
                .isFalse();
    }

    @Test
    void manifestsInsideDataAreReadAsTheyWereSent() {
        int count = 0;
        for (JsonElement element : Vectors.object("manifests").getAsJsonArray("list")) {
            JsonObject vector = element.getAsJsonObject();
            CompactWriter data = new CompactWriter().uint(16).uint(1).uint(0).raw(bytes(vector, "hex"));
            LogMessage.Data message = (LogMessage.Data) LogMessage.decode(3, new CompactReader(data.toByteArray()));
            Manifest manifest = message.proof().manifest();
            assertThat(manifest).isNotNull();
            assertThat(manifest.key().hex()).isEqualTo(vector.get("key").getAsString());
            assertThat(manifest.key().discoveryKey().hex())
                    .isEqualTo(vector.get("discoveryKey").getAsString());
            assertThat(encode(message)).isEqualTo(data.toByteArray());
            count++;
        }
        assertThat(count)
                .isEqualTo(Vectors.object("manifests").getAsJsonArray("list").size())
                .isPositive();
        Vectors.report("manifests", count);
    }

    @Test
    void aMessageCutAnywhereIsRefusedOrAShorterMessage() {
        for (JsonElement element : Vectors.object("messages").getAsJsonArray("list")) {
            JsonObject vector = element.getAsJsonObject();
            byte[] whole = bytes(vector, "hex");
            int type = vector.get("typeId").getAsInt();
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                try {
                    assertThat(encode(LogMessage.decode(type, new CompactReader(cut))))
                            .hasSizeLessThanOrEqualTo(length + 1);
                } catch (EncodingException e) {
                    assertThat(e.code()).isEqualTo(EncodingException.CODE);
                }
            }
        }
    }

    @Test
    void garbageIsRefusedWithOurOwnExceptionOnly() {
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] garbage = new byte[random.nextInt(64)];
            random.nextBytes(garbage);
            try {
                LogMessage.decode(random.nextInt(12), new CompactReader(garbage));
            } catch (EspalierException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void hugeCountsAllocateNothing() {
        byte[] bitfield = HexFormat.of().parseHex("00ffffffffffffff1f00");
        assertThatThrownBy(() -> LogMessage.decode(7, new CompactReader(bitfield)))
                .isInstanceOf(EncodingException.class);
        byte[] block = HexFormat.of().parseHex("01010000feffffffff");
        assertThatThrownBy(() -> LogMessage.decode(3, new CompactReader(block))).isInstanceOf(EncodingException.class);
        byte[] oddStart = HexFormat.of().parseHex("0101ffffffff");
        assertThatThrownBy(() -> LogMessage.decode(7, new CompactReader(oddStart)))
                .isInstanceOf(EncodingException.class)
                .hasMessageContaining("multiple of 32");
    }

    @Test
    void unknownTypesAreNoMessages() {
        assertThat(LogMessage.decode(10, new CompactReader(new byte[0]))).isNull();
    }

    private static byte[] encode(@Nullable LogMessage message) {
        CompactWriter out = new CompactWriter();
        message.encode(out);
        return out.toByteArray();
    }

    /** The vectors leave nothing out but manifests, whose bytes are compared elsewhere. */
    private static JsonObject expected(JsonObject fields) {
        JsonObject expected = fields.deepCopy();
        if (expected.has("manifest") && expected.get("manifest").isJsonObject()) {
            expected.addProperty("manifest", true);
        }
        return expected;
    }

    private static JsonObject fields(LogMessage message) {
        JsonObject json = new JsonObject();
        if (message instanceof LogMessage.Sync sync) {
            json.addProperty("fork", sync.fork());
            json.addProperty("length", sync.length());
            json.addProperty("remoteLength", sync.remoteLength());
            json.addProperty("canUpgrade", sync.canUpgrade());
            json.addProperty("uploading", sync.uploading());
            json.addProperty("downloading", sync.downloading());
            json.addProperty("hasManifest", sync.hasManifest());
            json.addProperty("allowPush", sync.allowPush());
        } else if (message instanceof LogMessage.Request request) {
            ProofRequest ask = request.ask();
            json.addProperty("id", request.id());
            json.addProperty("fork", request.fork());
            json.add(
                    "block",
                    ask.block() == null
                            ? null
                            : pair(
                                    "index",
                                    ask.block().index(),
                                    "nodes",
                                    ask.block().nodes()));
            json.add(
                    "hash",
                    ask.hash() == null
                            ? null
                            : pair(
                                    "index",
                                    ask.hash().index(),
                                    "nodes",
                                    ask.hash().nodes()));
            json.add(
                    "seek",
                    ask.seek() == null
                            ? null
                            : pair(
                                    "bytes",
                                    ask.seek().bytes(),
                                    "padding",
                                    ask.seek().padding()));
            json.add(
                    "upgrade",
                    ask.upgrade() == null
                            ? null
                            : pair(
                                    "start",
                                    ask.upgrade().start(),
                                    "length",
                                    ask.upgrade().length()));
            json.addProperty("manifest", ask.manifest());
            json.addProperty("priority", request.priority());
        } else if (message instanceof LogMessage.Cancel cancel) {
            json.addProperty("request", cancel.request());
        } else if (message instanceof LogMessage.Data data) {
            addProof(json, data);
        } else if (message instanceof LogMessage.NoData noData) {
            json.addProperty("request", noData.request());
            json.addProperty("reason", noData.reason());
        } else if (message instanceof LogMessage.Want want) {
            addRegion(json, want.start(), want.length(), want.any());
        } else if (message instanceof LogMessage.Unwant unwant) {
            addRegion(json, unwant.start(), unwant.length(), unwant.any());
        } else if (message instanceof LogMessage.Bitfield bitfield) {
            json.addProperty("start", bitfield.start());
            JsonArray words = new JsonArray();
            ByteBuffer bits = bitfield.words().duplicate().order(java.nio.ByteOrder.LITTLE_ENDIAN);
            while (bits.hasRemaining()) {
                words.add(bits.getInt() & 0xffffffffL);
            }
            json.add("bitfield", words);
        } else if (message instanceof LogMessage.Range range) {
            json.addProperty("drop", range.drop());
            json.addProperty("start", range.start());
            json.addProperty("length", range.length());
        } else if (message instanceof LogMessage.Extension extension) {
            json.addProperty("name", extension.name());
            json.addProperty("message", view(extension.payload()));
        }
        return json;
    }

    private static void addProof(JsonObject json, LogMessage.Data data) {
        Proof proof = data.proof();
        json.addProperty("request", data.request());
        json.addProperty("fork", proof.fork());
        JsonObject block = null;
        if (proof.block() != null) {
            block = new JsonObject();
            block.addProperty("index", proof.block().index());
            block.addProperty("value", view(proof.block().value()));
            block.add("nodes", nodes(proof.block().nodes()));
        }
        json.add("block", block);
        JsonObject path = null;
        if (proof.hash() != null) {
            path = new JsonObject();
            path.addProperty("index", proof.hash().index());
            path.add("nodes", nodes(proof.hash().nodes()));
        }
        json.add("hash", path);
        JsonObject seek = null;
        if (proof.seek() != null) {
            seek = new JsonObject();
            seek.addProperty("bytes", proof.seek().bytes());
            seek.add("nodes", nodes(proof.seek().nodes()));
        }
        json.add("seek", seek);
        JsonObject upgrade = null;
        if (proof.upgrade() != null) {
            upgrade = pair(
                    "start", proof.upgrade().start(), "length", proof.upgrade().length());
            upgrade.add("nodes", nodes(proof.upgrade().nodes()));
            upgrade.add("additionalNodes", nodes(proof.upgrade().additional()));
            upgrade.addProperty("signature", hex(proof.upgrade().signature()));
        }
        json.add("upgrade", upgrade);
        json.add("manifest", proof.manifest() == null ? JsonNull.INSTANCE : new JsonPrimitive(true));
    }

    private static void addRegion(JsonObject json, long start, long length, boolean any) {
        json.addProperty("start", start);
        json.addProperty("length", length);
        json.addProperty("any", any);
    }

    private static JsonArray nodes(List<TreeNode> nodes) {
        JsonArray array = new JsonArray();
        for (TreeNode node : nodes) {
            JsonObject json = pair("index", node.index(), "size", node.size());
            json.addProperty("hash", node.hash().toString());
            array.add(json);
        }
        return array;
    }

    private static JsonObject pair(String first, long firstValue, String second, long secondValue) {
        JsonObject json = new JsonObject();
        json.addProperty(first, firstValue);
        json.addProperty(second, secondValue);
        return json;
    }

    private static String view(@Nullable ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return hex(copy);
    }
}

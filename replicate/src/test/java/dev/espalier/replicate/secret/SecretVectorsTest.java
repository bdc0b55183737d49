package dev.espalier.replicate.secret;

import static dev.espalier.replicate.Vectors.bytes;
import static dev.espalier.replicate.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Namespaces;
import dev.espalier.replicate.Vectors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SecretVectorsTest {

    @Test
    void namespacesAreThoseOfThePublishedPackages() {
        int count = 0;
        for (JsonElement element : Vectors.object("namespaces").getAsJsonArray("list")) {
            JsonObject list = element.getAsJsonObject();
            String name = list.get("name").getAsString();
            assertThat(hex(Blake2b.hash(name.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(list.get("nameHash").getAsString());
            for (JsonElement entry : list.getAsJsonArray("entries")) {
                JsonObject expected = entry.getAsJsonObject();
                assertThat(Namespaces.of(name, expected.get("index").getAsInt()))
                        .hasToString(expected.get("value").getAsString());
                count++;
            }
        }
        assertThat(count).isEqualTo(9);
        Vectors.report("namespaces", count);
    }

    @Test
    void streamIdsAndCapabilitiesAreBoundToTheHandshakeAndTheRole() {
        JsonObject section = Vectors.object("capability");
        byte[] handshakeHash = bytes(section, "handshakeHash");
        byte[] logKey = bytes(section, "coreKey");
        JsonObject ids = section.getAsJsonObject("streamId");
        assertThat(hex(SecretStreamHandler.streamId(handshakeHash, true)))
                .isEqualTo(ids.get("sentByInitiator").getAsString());
        assertThat(hex(SecretStreamHandler.streamId(handshakeHash, false)))
                .isEqualTo(ids.get("sentByResponder").getAsString());
        assertThat(hex(Blake2b.keyed(handshakeHash, Namespaces.REPLICATE_INITIATOR.bytes(), logKey)))
                .isEqualTo(section.get("sentByInitiator").getAsString());
        assertThat(hex(Blake2b.keyed(handshakeHash, Namespaces.REPLICATE_RESPONDER.bytes(), logKey)))
                .isEqualTo(section.get("sentByResponder").getAsString());
        assertThat(Key.of(logKey).discoveryKey().hex())
                .isEqualTo(section.get("discoveryKey").getAsString());
        Vectors.report("capability", 5);
    }

    @Test
    void keyAgreementIsPointMultiplicationOnEdwards25519() {
        JsonObject section = Vectors.object("dh");
        for (String side : new String[] {"a", "b"}) {
            JsonObject pair = section.getAsJsonObject(side);
            byte[] seed = bytes(pair, "seed");
            assertThat(KeyPair.fromSeed(seed).publicKey().hex())
                    .isEqualTo(pair.get("publicKey").getAsString());
            assertThat(hex(Ed25519DiffieHellman.scalar(seed)))
                    .isEqualTo(pair.get("dhScalar").getAsString());
        }
        JsonObject a = section.getAsJsonObject("a");
        JsonObject b = section.getAsJsonObject("b");
        assertThat(hex(Ed25519DiffieHellman.agree(bytes(a, "seed"), bytes(b, "publicKey"))))
                .isEqualTo(section.get("sharedAB").getAsString());
        assertThat(hex(Ed25519DiffieHellman.agree(bytes(b, "seed"), bytes(a, "publicKey"))))
                .isEqualTo(section.get("sharedBA").getAsString());
        Vectors.report("dh", 6);
    }

    @Test
    void handshakesHaveTheSameStateAfterEachMessage() {
        int count = 0;
        for (Map.Entry<String, JsonElement> entry : Vectors.object("noise").entrySet()) {
            replayHandshake(entry.getValue().getAsJsonObject());
            count++;
        }
        assertThat(count).isEqualTo(3);
        Vectors.report("noise", count);
    }

    private static void replayHandshake(JsonObject vector) {
        NoiseHandshake.Pattern pattern =
                vector.get("protocolName").getAsString().startsWith("Noise_XX")
                        ? NoiseHandshake.Pattern.XX
                        : NoiseHandshake.Pattern.IK;
        byte[] prologue = bytes(vector, "prologue");
        KeyPair responderStatic = pair(vector, "responderStatic");
        NoiseHandshake initiator = new NoiseHandshake(
                pattern,
                true,
                pair(vector, "initiatorStatic"),
                pair(vector, "initiatorEphemeral"),
                responderStatic.publicKey(),
                prologue);
        NoiseHandshake responder =
                new NoiseHandshake(pattern, false, responderStatic, pair(vector, "responderEphemeral"), null, prologue);
        assertState(initiator, vector.get("afterInitialise"));
        assertState(responder, vector.get("afterInitialise"));
        for (JsonElement element : vector.getAsJsonArray("messages")) {
            JsonObject message = element.getAsJsonObject();
            boolean first = message.get("from").getAsString().equals("initiator");
            NoiseHandshake sender = first ? initiator : responder;
            NoiseHandshake receiver = first ? responder : initiator;
            assertThat(sender.isWriting()).isTrue();
            byte[] sent = sender.write(bytes(message, "payload"));
            assertThat(hex(sent)).isEqualTo(message.get("hex").getAsString());
            assertThat(hex(receiver.read(sent)))
                    .isEqualTo(message.get("payload").getAsString());
            assertState(sender, message.get("senderStateAfter"));
            assertState(receiver, message.get("senderStateAfter"));
        }
        for (NoiseHandshake side : new NoiseHandshake[] {initiator, responder}) {
            assertThat(side.isComplete()).isTrue();
            SessionKeys keys = side.keys();
            assertThat(hex(keys.session().handshakeHash()))
                    .isEqualTo(vector.get("handshakeHash").getAsString());
            assertThat(hex(keys.session().initiator() ? keys.sendKey() : keys.receiveKey()))
                    .isEqualTo(vector.get("initiatorTx").getAsString());
            assertThat(hex(keys.session().initiator() ? keys.receiveKey() : keys.sendKey()))
                    .isEqualTo(vector.get("initiatorRx").getAsString());
        }
        assertThat(initiator.keys().session().remotePublicKey())
                .isEqualTo(responder.keys().session().publicKey());
        assertThat(responder.keys().session().remotePublicKey())
                .isEqualTo(initiator.keys().session().publicKey());
    }

    private static void assertState(NoiseHandshake side, JsonElement expected) {
        if (expected.isJsonNull()) {
            return;
        }
        JsonObject state = expected.getAsJsonObject();
        byte @Nullable [][] actual = side.state();
        assertThat(hex(actual[0])).isEqualTo(state.get("h").getAsString());
        assertThat(hex(actual[1])).isEqualTo(state.get("ck").getAsString());
        if (state.get("k").isJsonNull()) {
            assertThat(actual[2]).isNull();
        } else {
            assertThat(hex(actual[2])).isEqualTo(state.get("k").getAsString());
        }
        assertThat(side.nonce()).isEqualTo(state.get("n").getAsInt());
    }

    private static KeyPair pair(JsonObject vector, String name) {
        return KeyPair.fromSeed(bytes(vector.getAsJsonObject(name), "seed"));
    }

    @Test
    void ciphertextsAndStatesAreThoseOfLibsodium() {
        JsonObject section = Vectors.object("secretstream");
        for (boolean direct : new boolean[] {false, true}) {
            byte[] key = bytes(section, "key");
            byte[] header = bytes(section, "header");
            SecretStreamPush push = new SecretStreamPush(key, header);
            SecretStreamPull pull = new SecretStreamPull(key, header);
            assertStream(push.state(), section.getAsJsonObject("stateAfterInit"));
            assertStream(pull.state(), section.getAsJsonObject("stateAfterInit"));
            JsonArray messages = section.getAsJsonArray("messages");
            for (JsonElement element : messages) {
                JsonObject message = element.getAsJsonObject();
                if (message.has("cipher")) {
                    replayMessage(push, pull, message, direct);
                } else {
                    for (SecretStreamState state : new SecretStreamState[] {push.state(), pull.state()}) {
                        assertStream(state, message.getAsJsonObject("stateBefore"));
                        Arrays.fill(state.nonce(), 0, 4, (byte) 0xff);
                    }
                }
                assertStream(push.state(), message.getAsJsonObject("stateAfter"));
                assertStream(pull.state(), message.getAsJsonObject("stateAfter"));
            }
            assertThat(messages).hasSize(11);
        }
        Vectors.report("secretstream", 11);
    }

    private static void replayMessage(
            SecretStreamPush push, SecretStreamPull pull, JsonObject message, boolean direct) {
        byte tag = message.get("tag").getAsByte();
        byte[] plain = bytes(message, "plain");
        byte[] expected = bytes(message, "cipher");
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(expected.length) : ByteBuffer.allocate(expected.length);
        // The plaintext lies where its ciphertext will be.
        buffer.put(1, plain);
        push.encrypt(tag, buffer.slice(1, plain.length), buffer);
        buffer.flip();
        assertThat(copy(buffer)).isEqualTo(expected);

        assertThat(pull.decrypt(buffer)).isEqualTo(tag);
        assertThat(copy(buffer)).isEqualTo(plain);
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static void assertStream(SecretStreamState state, JsonObject expected) {
        assertThat(hex(state.key())).isEqualTo(expected.get("k").getAsString());
        assertThat(hex(state.nonce())).isEqualTo(expected.get("nonce").getAsString());
    }
}

package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamespaceVectorsTest {

    @Test
    void constantsAndCapabilitiesAreThoseOfTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("namespaces");
        JsonObject section = Vectors.object("namespaces");
        Map<String, Hash> constants = Map.of(
                "TREE", Namespaces.TREE,
                "REPLICATE_INITIATOR", Namespaces.REPLICATE_INITIATOR,
                "REPLICATE_RESPONDER", Namespaces.REPLICATE_RESPONDER,
                "MANIFEST", Namespaces.MANIFEST,
                "DEFAULT_NAMESPACE", Namespaces.DEFAULT_NAMESPACE,
                "DEFAULT_ENCRYPTION", Namespaces.DEFAULT_ENCRYPTION);
        JsonObject hypercore = section.getAsJsonObject("hypercore");
        assertThat(hypercore.keySet()).isEqualTo(constants.keySet());
        constants.forEach((name, hash) -> {
            assertThat(hash).hasToString(hypercore.get(name).getAsString());
            tally.pass();
        });
        assertThat(Namespaces.STORE_SEED)
                .hasToString(section.getAsJsonObject("corestore").get("SEED").getAsString());
        tally.pass();
        for (JsonElement element : section.getAsJsonArray("custom")) {
            JsonArray custom = element.getAsJsonArray();
            JsonArray hashes = custom.get(2).getAsJsonArray();
            assertThat(hashes).hasSize(custom.get(1).getAsInt());
            for (int i = 0; i < hashes.size(); i++) {
                assertThat(Namespaces.of(custom.get(0).getAsString(), i))
                        .hasToString(hashes.get(i).getAsString());
                tally.pass();
            }
        }
        JsonObject capability = section.getAsJsonObject("replicateCapability");
        byte[] key = Vectors.hex(capability.get("key"));
        byte[] handshake = Vectors.hex(capability.get("handshakeHash"));
        assertThat(Blake2b.keyed(handshake, Namespaces.REPLICATE_INITIATOR.bytes(), key))
                .isEqualTo(Vectors.hex(capability.get("initiator")));
        tally.pass();
        assertThat(Blake2b.keyed(handshake, Namespaces.REPLICATE_RESPONDER.bytes(), key))
                .isEqualTo(Vectors.hex(capability.get("responder")));
        tally.pass();
        tally.print();
    }
}

package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyVectorsTest {

    @Test
    void keyPairsAndDiscoveryKeysAreThoseOfTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("keys");
        for (JsonElement element : Vectors.section("keys").getAsJsonArray()) {
            JsonObject vector = element.getAsJsonObject();
            KeyPair pair = KeyPair.fromSeed(Vectors.hex(vector.get("seed")));
            assertThat(pair.publicKey().hex()).isEqualTo(vector.get("publicKey").getAsString());
            assertThat(pair.secretKey()).isEqualTo(Vectors.hex(vector.get("secretKey")));
            assertThat(pair.publicKey().discoveryKey().hex())
                    .isEqualTo(vector.get("discoveryKey").getAsString());
            tally.pass();
        }
        tally.print();
    }

    @Test
    void idsAreEncodedAndDecodedAsInTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("ids");
        JsonObject section = Vectors.object("ids");
        assertThat(ZBase32.ALPHABET).isEqualTo(section.get("alphabet").getAsString());
        for (JsonElement element : section.getAsJsonArray("encode")) {
            JsonArray pair = element.getAsJsonArray();
            assertThat(ZBase32.encode(Vectors.hex(pair.get(0))))
                    .isEqualTo(pair.get(1).getAsString());
            assertThat(ZBase32.decode(pair.get(1).getAsString())).isEqualTo(Vectors.hex(pair.get(0)));
            tally.pass();
        }
        for (Map.Entry<String, JsonElement> entry :
                section.getAsJsonObject("decode").entrySet()) {
            JsonArray pair = entry.getValue().getAsJsonArray();
            String text = pair.get(0).getAsString();
            if (pair.get(1).isJsonNull()) {
                assertThatThrownBy(() -> Key.parse(text))
                        .as(entry.getKey())
                        .isInstanceOfSatisfying(
                                EspalierException.class,
                                e -> assertThat(e.code()).isEqualTo("ERR_INVALID_LINK"));
            } else {
                assertThat(Key.parse(text).hex())
                        .as(entry.getKey())
                        .isEqualTo(pair.get(1).getAsString());
            }
            tally.pass();
        }
        tally.print();
    }
}

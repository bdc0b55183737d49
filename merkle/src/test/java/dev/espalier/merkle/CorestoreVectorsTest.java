package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;

class CorestoreVectorsTest {

    @Test
    void keysOfNamesInNamespacesAreThoseOfTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("corestore");
        JsonObject section = Vectors.object("corestore");
        byte[] primaryKey = Vectors.hex(section.get("primaryKey"));
        assertThat(StoreKeys.DEFAULT_NAMESPACE)
                .hasToString(section.get("defaultNamespace").getAsString());
        for (JsonElement element : section.getAsJsonArray("cores")) {
            JsonObject core = element.getAsJsonObject();
            Hash namespace = StoreKeys.DEFAULT_NAMESPACE;
            for (JsonElement name : core.getAsJsonArray("namespaces")) {
                namespace = StoreKeys.namespace(namespace, name.getAsString());
            }
            KeyPair pair =
                    StoreKeys.keyPair(primaryKey, namespace, core.get("name").getAsString());
            Manifest manifest = Manifest.builder()
                    .version(core.get("manifestVersion").getAsInt())
                    .signer(new Signer(Namespaces.DEFAULT_NAMESPACE, pair.publicKey()))
                    .build();

            assertThat(namespace).hasToString(core.get("namespace").getAsString());
            assertThat(pair.seed()).isEqualTo(Vectors.hex(core.get("seed")));
            assertThat(pair.publicKey().hex()).isEqualTo(core.get("publicKey").getAsString());
            assertThat(manifest.key().hex()).isEqualTo(core.get("key").getAsString());
            assertThat(manifest.key().discoveryKey().hex())
                    .isEqualTo(core.get("discoveryKey").getAsString());
            assertThat(manifest.key()).hasToString(core.get("id").getAsString());
            tally.pass();
        }
        tally.print();
    }
}

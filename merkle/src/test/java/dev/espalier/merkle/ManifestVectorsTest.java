package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ManifestVectorsTest {

    private static final Key PUBLIC_KEY = Vectors.keyPair(1).publicKey();
    private static final Signer SIGNER = new Signer(Namespaces.DEFAULT_NAMESPACE, PUBLIC_KEY);

    @Test
    void manifestsHaveTheBytesKeysAndIdsOfTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("manifests");
        for (Map.Entry<String, JsonElement> entry : Vectors.object("manifests").entrySet()) {
            JsonObject vector = entry.getValue().getAsJsonObject();
            JsonObject fields = vector.getAsJsonObject("manifest");
            Manifest built = build(fields);

            assertThat(built.encoded()).as(entry.getKey()).isEqualTo(Vectors.hex(vector.get("encoded")));
            assertThat(built.key().hex()).isEqualTo(vector.get("key").getAsString());
            assertThat(built.key().discoveryKey().hex())
                    .isEqualTo(vector.get("discoveryKey").getAsString());
            assertThat(built.key()).hasToString(vector.get("id").getAsString());

            Manifest decoded = Vectors.manifest(entry.getKey());
            assertThat(decoded).isEqualTo(built);
            assertThat(decoded.key()).isEqualTo(built.key());
            assertFields(decoded, fields);
            tally.pass();
        }
        tally.print();
    }

    private static Manifest build(JsonObject fields) {
        Manifest.Builder builder = Manifest.builder()
                .version(fields.get("version").getAsInt())
                .allowPatch(fields.get("allowPatch").getAsBoolean())
                .quorum(fields.get("quorum").getAsInt());
        signers(fields).forEach(builder::signer);
        if (!fields.get("prologue").isJsonNull()) {
            builder.prologue(prologue(fields));
        }
        if (!fields.get("linked").isJsonNull()) {
            builder.linked(linked(fields));
        }
        if (!fields.get("userData").isJsonNull()) {
            builder.userData(Vectors.hex(fields.get("userData")));
        }
        return builder.build();
    }

    private static void assertFields(Manifest manifest, JsonObject fields) {
        assertThat(manifest.version()).isEqualTo(fields.get("version").getAsInt());
        assertThat(manifest.allowPatch()).isEqualTo(fields.get("allowPatch").getAsBoolean());
        assertThat(manifest.quorum()).isEqualTo(fields.get("quorum").getAsInt());
        assertThat(manifest.signers()).isEqualTo(signers(fields));
        if (fields.get("prologue").isJsonNull()) {
            assertThat(manifest.prologue()).isNull();
        } else if (manifest.version() == 0) {
            // Version 0 does not encode the length.
            assertThat(manifest.prologue())
                    .isEqualTo(new Prologue(prologue(fields).hash(), 0));
        } else {
            assertThat(manifest.prologue()).isEqualTo(prologue(fields));
        }
        if (fields.get("linked").isJsonNull()) {
            assertThat(manifest.linked()).isNull();
        } else {
            assertThat(manifest.linked()).isEqualTo(linked(fields));
        }
        assertThat(manifest.userData()).isEqualTo(Vectors.optionalHex(fields.get("userData")));
    }

    private static List<Signer> signers(JsonObject fields) {
        List<Signer> signers = new ArrayList<>();
        for (JsonElement signer : fields.getAsJsonArray("signers")) {
            JsonObject object = signer.getAsJsonObject();
            signers.add(new Signer(
                    Hash.of(Vectors.hex(object.get("namespace"))), Key.of(Vectors.hex(object.get("publicKey")))));
        }
        return signers;
    }

    private static Prologue prologue(JsonObject fields) {
        JsonObject prologue = fields.getAsJsonObject("prologue");
        return new Prologue(
                Hash.of(Vectors.hex(prologue.get("hash"))),
                prologue.get("length").getAsLong());
    }

    private static List<Key> linked(JsonObject fields) {
        List<Key> linked = new ArrayList<>();
        fields.getAsJsonArray("linked").forEach(key -> linked.add(Key.of(Vectors.hex(key))));
        return linked;
    }

    @Test
    void wrongManifestsAreRefused() {
        Map<String, ThrowingCallable> cases = new LinkedHashMap<>();
        cases.put(
                "quorum above signer count",
                () -> Manifest.builder().quorum(2).signer(SIGNER).build());
        cases.put(
                "negative quorum",
                () -> Manifest.builder().quorum(-1).signer(SIGNER).build());
        cases.put("signer without public key", () -> new Signer(Namespaces.DEFAULT_NAMESPACE, Key.of(new byte[0])));
        cases.put("unknown signature scheme", () -> decodeWith(5, 1));
        cases.put("unknown hash", () -> decodeWith(2, 1));
        cases.put(
                "user data in v1",
                () -> Manifest.builder()
                        .version(1)
                        .signer(SIGNER)
                        .userData(Vectors.fill(1, 2))
                        .build());
        cases.put(
                "linked in v1",
                () -> Manifest.builder()
                        .version(1)
                        .signer(SIGNER)
                        .linked(List.of(PUBLIC_KEY))
                        .build());
        cases.put("linked key of 31 bytes", () -> Key.of(Vectors.fill(1, 31)));
        cases.put("prologue hash of 31 bytes", () -> Hash.of(Vectors.fill(1, 31)));

        Vectors.Tally tally = new Vectors.Tally("manifestErrors");
        for (Map.Entry<String, JsonElement> entry :
                Vectors.object("manifestErrors").entrySet()) {
            assertThat(entry.getValue().getAsString()).isEqualTo("BAD_ARGUMENT");
            // Built here: an argument mistake; read from bytes: an encoding nobody knows.
            assertThatThrownBy(cases.get(entry.getKey()))
                    .as(entry.getKey())
                    .isInstanceOfAny(IllegalArgumentException.class, EncodingException.class);
            tally.pass();
        }
        assertThat(cases.keySet()).isEqualTo(Vectors.object("manifestErrors").keySet());
        tally.print();
    }

    private static Manifest decodeWith(int offset, int value) {
        byte[] bytes = Manifest.singleSigner(PUBLIC_KEY).encoded();
        assertThat(bytes[offset]).isZero();
        bytes[offset] = (byte) value;
        return Manifest.decode(new CompactReader(bytes));
    }
}

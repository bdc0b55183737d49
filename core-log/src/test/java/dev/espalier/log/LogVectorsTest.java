package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.NodeSource;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.TreeNode;
import dev.espalier.merkle.VerificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on disk against the known answers of the JavaScript packages. */
class LogVectorsTest {

    @TempDir
    Path folder;

    @Test
    void storedNodesAreThoseOfTheVectors() {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("tree")) {
            log.append(Vectors.blocks());
            int count = 0;
            for (JsonElement element : Vectors.object("tree").getAsJsonArray("nodes")) {
                JsonArray columns = element.getAsJsonArray();
                TreeNode node = log.nodes().node(columns.get(0).getAsLong());
                assertThat(node).isNotNull();
                assertThat(node.size()).isEqualTo(columns.get(1).getAsLong());
                assertThat(node.hash()).hasToString(columns.get(2).getAsString());
                count++;
            }
            assertThat(count).isEqualTo(38);
        }
    }

    @Test
    void appendsAndTruncationsAreSignedAsInTheVectors() {
        int count = 0;
        for (JsonElement element : Vectors.array("signatures")) {
            JsonObject vector = element.getAsJsonObject();
            String kind = vector.get("kind").getAsString();
            KeyPair pair = Vectors.pair(vector);
            Key key = Key.of(Vectors.hex(vector.get("key")));
            try (LogStore store = LogStore.open(folder.resolve(kind));
                    Log log = kind.equals("compat") ? store.log(key, pair) : store.log(Vectors.manifest(kind), pair)) {
                assertThat(log.key()).isEqualTo(key);
                for (JsonElement headElement : vector.getAsJsonArray("heads")) {
                    JsonObject head = headElement.getAsJsonObject();
                    reach(log, head.get("length").getAsInt(), head.get("fork").getAsLong());

                    assertThat(log.length()).isEqualTo(head.get("length").getAsLong());
                    assertThat(log.fork()).isEqualTo(head.get("fork").getAsLong());
                    assertThat(log.treeHash()).hasToString(head.get("treeHash").getAsString());
                    assertThat(log.head().signature()).isEqualTo(Vectors.hex(head.get("signature")));
                    count++;
                }
            }
        }
        assertThat(count).isEqualTo(36);
    }

    /** Truncates where the fork is newer, then appends the vectors' blocks one by one. */
    private static void reach(Log log, int length, long fork) {
        if (fork > log.fork()) {
            log.truncate(length, fork);
        }
        while (log.length() < length) {
            log.append(Vectors.blocks().get((int) log.length()));
        }
    }

    @Test
    void namesLeadToTheKeysOfTheVectors() {
        JsonObject section = Vectors.object("corestore");
        StoreOptions options = StoreOptions.defaults().withPrimaryKey(Vectors.hex(section.get("primaryKey")));
        int count = 0;
        try (LogStore root = LogStore.open(folder, options)) {
            for (JsonElement element : section.getAsJsonArray("cores")) {
                JsonObject core = element.getAsJsonObject();
                if (core.get("manifestVersion").getAsInt() != 1) {
                    continue;
                }
                LogStore store = root;
                for (JsonElement name : core.getAsJsonArray("namespaces")) {
                    store = store.namespace(name.getAsString());
                }
                try (Log log = store.log(core.get("name").getAsString())) {
                    assertThat(store.namespace())
                            .hasToString(core.get("namespace").getAsString());
                    assertThat(log.key().hex()).isEqualTo(core.get("key").getAsString());
                    assertThat(log.discoveryKey().hex())
                            .isEqualTo(core.get("discoveryKey").getAsString());
                    assertThat(log.id()).isEqualTo(core.get("id").getAsString());
                    assertThat(log.writable()).isTrue();
                    assertThat(log.name()).hasValue(core.get("name").getAsString());
                }
                count++;
            }
            assertThat(root.discoveryKeys()).hasSize(count);
        }
        assertThat(count).isGreaterThan(3);
    }

    @Test
    void proofsAreProducedAsInTheVectors() {
        JsonObject section = Vectors.object("proofs");
        int count = 0;
        for (JsonElement element : section.getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            try (LogStore store = LogStore.open(folder.resolve("source" + vector.get("sourceLength")));
                    Log log = source(store, vector)) {
                Proof proof = log.prove(Vectors.request(vector.getAsJsonObject("request")));
                CompactWriter out = new CompactWriter();
                proof.encode(out, 1);
                assertThat(out.toByteArray())
                        .as(vector.get("name").getAsString())
                        .isEqualTo(Vectors.hex(vector.get("wire")));
                count++;
            }
        }
        assertThat(count).isGreaterThan(20);
    }

    private static Log source(LogStore store, JsonObject vector) {
        KeyPair pair = Vectors.pair(Vectors.object("proofs"));
        Log log = store.log(Manifest.singleSigner(pair.publicKey()), pair);
        reach(log, vector.get("sourceLength").getAsInt(), 0);
        return log;
    }

    @Test
    void proofsAreAppliedAsInTheVectorsAndKeptAcrossReopening() {
        Key key = Key.of(Vectors.hex(Vectors.object("proofs").get("key")));
        for (JsonElement element : Vectors.object("proofs").getAsJsonArray("cases")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            Path place = folder.resolve(name);
            try (LogStore store = LogStore.open(place);
                    Log log = store.log(key)) {
                prepare(log, vector);
                assertThat(log.apply(proof(vector))).as(name).isTrue();
            }
            try (LogStore store = LogStore.open(place);
                    Log log = store.log(key)) {
                assertThat(log.length()).isEqualTo(vector.get("lengthAfter").getAsLong());
                assertThat(stored(log)).as(name).isEqualTo(longs(vector.getAsJsonArray("storedNodesAfter")));
                Proof.Block block = proof(vector).block();
                if (block != null) {
                    byte[] bytes = new byte[block.value().remaining()];
                    block.value().get(bytes);
                    assertThat(log.get(block.index())).isEqualTo(bytes);
                }
            }
        }
    }

    @Test
    void damagedProofsMeetTheVerdictOfJavaScriptAndChangeNothing() {
        Key key = Key.of(Vectors.hex(Vectors.object("proofs").get("key")));
        for (JsonElement element : Vectors.object("proofs").getAsJsonArray("damaged")) {
            JsonObject vector = element.getAsJsonObject();
            String name = vector.get("name").getAsString();
            try (LogStore store = LogStore.open(folder.resolve(name));
                    Log log = store.log(key)) {
                prepare(log, vector);
                List<Long> before = stored(log);
                if (vector.has("error")) {
                    VerificationException failure =
                            catchThrowableOfType(VerificationException.class, () -> log.apply(proof(vector)));
                    assertThat(failure).as(name).isNotNull();
                    assertThat(failure.code()).isEqualTo(vector.get("error").getAsString());
                    assertThat(stored(log)).isEqualTo(before);
                } else if (log.length() == 0 && proof(vector).fork() > 0) {
                    // JavaScript looks no further at another fork; a log without blocks may begin in any, if it is
                    // signed.
                    VerificationException failure =
                            catchThrowableOfType(VerificationException.class, () -> log.apply(proof(vector)));
                    assertThat(failure.code()).isEqualTo(VerificationException.INVALID_SIGNATURE);
                    assertThat(log.fork()).isZero();
                } else {
                    assertThat(log.apply(proof(vector)))
                            .as(name)
                            .isEqualTo(vector.get("result").getAsBoolean());
                }
                assertThat(log.length()).isEqualTo(vector.get("lengthAfter").getAsLong());
            }
        }
    }

    private static void prepare(Log log, JsonObject vector) {
        for (JsonElement prior : vector.getAsJsonArray("prior")) {
            for (JsonElement element : Vectors.object("proofs").getAsJsonArray("cases")) {
                if (element.getAsJsonObject().get("name").equals(prior)) {
                    assertThat(log.apply(proof(element.getAsJsonObject()))).isTrue();
                }
            }
        }
    }

    private static Proof proof(JsonObject vector) {
        return Proof.decode(new CompactReader(Vectors.hex(vector.get("wire")))).proof();
    }

    private static List<Long> stored(Log log) {
        NodeSource nodes = log.core().hashedNodes(log.head());
        List<Long> stored = new ArrayList<>();
        for (long index = 0; index < 2 * log.length(); index++) {
            if (nodes.node(index) != null) {
                stored.add(index);
            }
        }
        return stored;
    }

    private static List<Long> longs(JsonArray array) {
        List<Long> longs = new ArrayList<>();
        array.forEach(number -> longs.add(number.getAsLong()));
        return longs;
    }
}

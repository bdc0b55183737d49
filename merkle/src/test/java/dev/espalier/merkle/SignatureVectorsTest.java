package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureVectorsTest {

    @Test
    void headsOfFourKindsOfLogsAreSignedAsInTheVectors() {
        Vectors.Tally tally = new Vectors.Tally("signatures");
        for (JsonElement element : Vectors.section("signatures").getAsJsonArray()) {
            JsonObject vector = element.getAsJsonObject();
            KeyPair pair = KeyPair.fromSeed(Vectors.hex(vector.get("seed")));
            Key key = Key.of(Vectors.hex(vector.get("key")));
            String kind = vector.get("kind").getAsString();
            boolean compat = vector.get("compat").getAsBoolean();
            HeadVerifier verifier = compat ? HeadVerifier.compat(key) : HeadVerifier.of(key, Vectors.manifest(kind));
            assertThat(verifier.compat()).isEqualTo(compat);
            assertThat(verifier.canSign(pair)).isTrue();

            for (JsonElement head : vector.getAsJsonArray("heads")) {
                assertHead(verifier, pair, head.getAsJsonObject());
                tally.pass();
            }
        }
        tally.print();
    }

    private static void assertHead(HeadVerifier verifier, KeyPair pair, JsonObject head) {
        int length = head.get("length").getAsInt();
        long fork = head.get("fork").getAsLong();
        List<TreeNode> roots = MemoryLog.vectors(pair, length).head.roots();
        Hash treeHash = TreeHashes.tree(roots);
        byte[] signature = Vectors.hex(head.get("signature"));

        assertThat(treeHash).hasToString(head.get("treeHash").getAsString());
        assertThat(verifier.signable(treeHash, length, fork)).isEqualTo(Vectors.hex(head.get("signable")));
        assertThat(verifier.sign(pair, treeHash, length, fork)).isEqualTo(signature);
        assertThat(verifier.verify(roots, length, fork, signature)).isTrue();

        assertThat(verifier.verify(roots, length, fork + 1, signature)).isFalse();
        assertThat(verifier.verify(roots, length + 1, fork, signature)).isFalse();
        assertThat(verifier.verify(roots, length, fork, null)).isFalse();
        // The last bytes of a version 1 field are an empty array, after which bytes are ignored: flip in the signature.
        signature[signature.length - 20] ^= 1;
        assertThat(verifier.verify(roots, length, fork, signature)).isFalse();
    }
}

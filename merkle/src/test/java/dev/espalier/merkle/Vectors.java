package dev.espalier.merkle;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The known answers of {@code vectors/log.json}, made by the JavaScript packages. */
final class Vectors {

    private static final JsonObject ROOT = read();

    private Vectors() {}

    private static JsonObject read() {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/log.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonElement section(String name) {
        return ROOT.get(name);
    }

    static JsonObject object(String section) {
        return ROOT.getAsJsonObject(section);
    }

    /** Counts the vectors of one section and says at the end how many passed. */
    static final class Tally {

        private final String section;
        private int passed;

        Tally(String section) {
            this.section = section;
        }

        void pass() {
            passed++;
        }

        void print() {
            System.out.println("vectors log.json " + section + ": " + passed + " passed");
        }
    }

    static byte[] hex(JsonElement text) {
        return HexFormat.of().parseHex(text.getAsString());
    }

    static byte[] optionalHex(JsonElement text) {
        return text == null || text.isJsonNull() ? null : hex(text);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] fill(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** The key pair whose seed is 32 bytes of {@code value}. */
    static KeyPair keyPair(int value) {
        return KeyPair.fromSeed(fill(value, 32));
    }

    /** Block {@code i} of every log of the vectors. */
    static ByteBuffer block(int i) {
        byte[] bytes = new byte[(7 * i + 3) % 23];
        for (int j = 0; j < bytes.length; j++) {
            bytes[j] = (byte) (31 * i + j);
        }
        return ByteBuffer.wrap(bytes);
    }

    static TreeNode node(JsonElement columns) {
        JsonArray array = columns.getAsJsonArray();
        return new TreeNode(array.get(0).getAsLong(), array.get(1).getAsLong(), Hash.of(hex(array.get(2))));
    }

    static List<TreeNode> nodes(JsonElement list) {
        List<TreeNode> nodes = new ArrayList<>();
        if (list != null && !list.isJsonNull()) {
            list.getAsJsonArray().forEach(node -> nodes.add(node(node)));
        }
        return nodes;
    }

    static List<Long> longs(JsonElement list) {
        List<Long> longs = new ArrayList<>();
        list.getAsJsonArray().forEach(number -> longs.add(number.getAsLong()));
        return longs;
    }

    /** A manifest of the section {@code manifests}, decoded. */
    static Manifest manifest(String name) {
        JsonObject manifest = object("manifests").getAsJsonObject(name);
        return Manifest.decode(new CompactReader(hex(manifest.get("encoded"))));
    }

    /** A request as the vectors write it. */
    static ProofRequest request(JsonObject request) {
        JsonObject seek = request.getAsJsonObject("seek");
        JsonObject upgrade = request.getAsJsonObject("upgrade");
        return new ProofRequest(
                requestNode(request.getAsJsonObject("block")),
                requestNode(request.getAsJsonObject("hash")),
                seek == null ? null : new ProofRequest.Seek(longOf(seek, "bytes"), longOf(seek, "padding")),
                upgrade == null ? null : new ProofRequest.Upgrade(longOf(upgrade, "start"), longOf(upgrade, "length")),
                request.has("manifest") && request.get("manifest").getAsBoolean());
    }

    private static ProofRequest.Node requestNode(JsonObject node) {
        return node == null ? null : new ProofRequest.Node(longOf(node, "index"), longOf(node, "nodes"));
    }

    /** A proof as the vectors write it. */
    static Proof proof(JsonObject proof) {
        JsonObject block = proof.getAsJsonObject("block");
        JsonObject hash = proof.getAsJsonObject("hash");
        JsonObject seek = proof.getAsJsonObject("seek");
        JsonObject upgrade = proof.getAsJsonObject("upgrade");
        return new Proof(
                longOf(proof, "fork"),
                block == null
                        ? null
                        : new Proof.Block(
                                longOf(block, "index"),
                                ByteBuffer.wrap(hex(block.get("value"))),
                                nodes(block.get("nodes"))),
                hash == null ? null : new Proof.NodePath(longOf(hash, "index"), nodes(hash.get("nodes"))),
                seek == null ? null : new Proof.SeekPath(longOf(seek, "bytes"), nodes(seek.get("nodes"))),
                upgrade == null
                        ? null
                        : new Proof.Upgrade(
                                longOf(upgrade, "start"),
                                longOf(upgrade, "length"),
                                nodes(upgrade.get("nodes")),
                                nodes(upgrade.get("additionalNodes")),
                                optionalHex(upgrade.get("signature"))),
                proof.has("manifest") ? Manifest.decode(new CompactReader(hex(proof.get("manifest")))) : null);
    }

    static long longOf(JsonObject object, String name) {
        return object.get(name).getAsLong();
    }

    /** The body of a data message as bytes. */
    static byte[] encode(Proof proof, long request) {
        CompactWriter out = new CompactWriter();
        proof.encode(out, request);
        return out.toByteArray();
    }
}

package dev.espalier.log;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.ProofRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The known answers of {@code vectors/log.json}, made by the JavaScript packages. */
final class Vectors {

    private static final JsonObject ROOT = read("/vectors/log.json");

    private Vectors() {}

    private static JsonObject read(String resource) {
        try (InputStream in = Vectors.class.getResourceAsStream(resource)) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonObject object(String section) {
        return ROOT.getAsJsonObject(section);
    }

    /** A group of the drive's vectors. */
    static JsonObject drive(String section) {
        return read("/vectors/encrypted-drive.json").getAsJsonObject(section);
    }

    static JsonArray array(String section) {
        return ROOT.getAsJsonArray(section);
    }

    static byte[] hex(JsonElement text) {
        return HexFormat.of().parseHex(text.getAsString());
    }

    static KeyPair pair(JsonObject vector) {
        return KeyPair.fromSeed(hex(vector.get("seed")));
    }

    static Manifest manifest(String name) {
        return Manifest.decode(
                new CompactReader(hex(object("manifests").getAsJsonObject(name).get("encoded"))));
    }

    /** The 20 blocks of every log of the vectors. */
    static List<ByteBuffer> blocks() {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (JsonElement block : object("tree").getAsJsonArray("blocks")) {
            blocks.add(ByteBuffer.wrap(hex(block)));
        }
        return blocks;
    }

    static ProofRequest request(JsonObject request) {
        JsonObject seek = request.getAsJsonObject("seek");
        JsonObject upgrade = request.getAsJsonObject("upgrade");
        return new ProofRequest(
                node(request.getAsJsonObject("block")),
                node(request.getAsJsonObject("hash")),
                seek == null
                        ? null
                        : new ProofRequest.Seek(
                                seek.get("bytes").getAsLong(),
                                seek.get("padding").getAsLong()),
                upgrade == null
                        ? null
                        : new ProofRequest.Upgrade(
                                upgrade.get("start").getAsLong(),
                                upgrade.get("length").getAsLong()),
                request.has("manifest") && request.get("manifest").getAsBoolean());
    }

    private static ProofRequest.Node node(JsonObject node) {
        return node == null
                ? null
                : new ProofRequest.Node(
                        node.get("index").getAsLong(), node.get("nodes").getAsLong());
    }
}

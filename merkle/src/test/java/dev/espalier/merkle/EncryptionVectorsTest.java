package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EncryptionVectorsTest {

    private static final JsonObject SECTION = Vectors.object("encryption");
    private static final Vectors.Tally TALLY = new Vectors.Tally("encryption");

    @AfterAll
    static void say() {
        TALLY.print();
    }

    private static BlockEncryption encryption(JsonObject mode) {
        Key logKey = Key.of(Vectors.hex(mode.get("coreKey")));
        byte[] key = Vectors.hex(mode.get("encryptionKey"));
        return switch (mode.get("mode").getAsString()) {
            case "default" -> BlockEncryption.of(logKey, false, key);
            case "compat" -> BlockEncryption.of(logKey, true, key);
            case "block" -> BlockEncryption.ofBlockKey(key);
            default -> throw new AssertionError(mode.get("mode"));
        };
    }

    private static ByteBuffer encrypt(BlockCipher cipher, long index, long fork, byte[] plain) {
        ByteBuffer stored = ByteBuffer.allocate(plain.length + cipher.padding());
        cipher.encrypt(index, fork, ByteBuffer.wrap(plain), stored);
        return stored.flip();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    @Test
    void blocksAreEncryptedAndDecryptedAsInTheVectors() {
        for (JsonElement element : SECTION.getAsJsonArray("modes")) {
            JsonObject mode = element.getAsJsonObject();
            BlockEncryption cipher = encryption(mode);
            assertThat(cipher.blockKey()).isEqualTo(Vectors.hex(mode.get("blockKey")));
            assertThat(cipher.blindingKey()).isEqualTo(Vectors.hex(mode.get("blindingKey")));
            assertThat(cipher.padding()).isEqualTo(mode.get("padding").getAsInt());
            for (JsonElement row : mode.getAsJsonArray("blocks")) {
                JsonObject block = row.getAsJsonObject();
                long index = Vectors.longOf(block, "index");
                byte[] plain = Vectors.hex(block.get("plain"));
                byte[] stored = Vectors.hex(block.get("stored"));

                assertThat(bytes(encrypt(cipher, index, Vectors.longOf(block, "fork"), plain)))
                        .isEqualTo(stored);
                ByteBuffer back = ByteBuffer.allocateDirect(plain.length);
                cipher.decrypt(index, ByteBuffer.wrap(stored), back);
                assertThat(bytes(back.flip())).isEqualTo(plain);
                TALLY.pass();
            }
            assertTree(mode);
        }
    }

    /** The log was truncated to two blocks between, so the last row of an index is what is in it. */
    private static void assertTree(JsonObject mode) {
        TreeBatch batch = new TreeBatch(TreeHead.EMPTY);
        JsonArray rows = mode.getAsJsonArray("blocks");
        for (int i : new int[] {0, 1, rows.size() - 1}) {
            batch.append(
                    ByteBuffer.wrap(Vectors.hex(rows.get(i).getAsJsonObject().get("stored"))));
        }
        assertThat(batch.treeHash()).hasToString(mode.get("treeHash").getAsString());
        assertThat(batch.byteLength()).isEqualTo(Vectors.longOf(mode, "storedByteLength"));
        assertThat(batch.byteLength() - batch.length() * BlockEncryption.PADDING)
                .isEqualTo(Vectors.longOf(mode, "plainByteLength"));
        TALLY.pass();
    }

    @Test
    void paddingDoesNotCountInSeeks() {
        JsonObject section = SECTION.getAsJsonObject("paddedSeeks");
        KeyPair pair = Vectors.keyPair(1);
        MemoryLog log = MemoryLog.of(pair);
        BlockCipher cipher = BlockEncryption.of(log.key, false, Vectors.fill(0x42, 32));
        List<ByteBuffer> blocks = new ArrayList<>();
        for (String text : List.of("hello", "world", "!", "abc", "de")) {
            blocks.add(encrypt(cipher, blocks.size(), 0, text.getBytes(StandardCharsets.UTF_8)));
        }
        log.append(pair, blocks);
        ByteOffsets offsets = new ByteOffsets(log, log.head, cipher.padding());
        for (JsonElement element : section.getAsJsonArray("seeks")) {
            JsonArray vector = element.getAsJsonArray();
            List<Long> expected = Vectors.longs(vector.get(1));
            assertThat(offsets.seek(vector.get(0).getAsLong()))
                    .isEqualTo(new ByteOffsets.Position(2 * expected.get(0), expected.get(1)));
            TALLY.pass();
        }
        ProofRequest request = Vectors.request(section.getAsJsonObject("proofRequest"));
        assertThat(Vectors.encode(log.prove(request), 1))
                .isEqualTo(Vectors.encode(Vectors.proof(section.getAsJsonObject("proof")), 1));
        TALLY.pass();
    }
}

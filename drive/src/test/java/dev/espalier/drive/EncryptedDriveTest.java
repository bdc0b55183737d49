package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogOptions;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An encrypted drive against the known answers of the JavaScript packages. */
class EncryptedDriveTest {

    @TempDir
    Path folder;

    @Test
    void bothLogsAndWhatIsReadAreAsInTheVectors() {
        JsonObject vector = Vectors.DRIVE.getAsJsonObject("encryptedDrive");
        LogOptions options = LogOptions.encrypted(
                HexFormat.of().parseHex(vector.get("encryptionKey").getAsString()));
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 7);
        byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
        byte[] large = Vectors.bytes(8, 65537);
        try (LogStore store = LogStore.open(folder, StoreOptions.defaults().withPrimaryKey(primaryKey));
                Drive drive = Drive.open(store.namespace("encrypted"), options)) {
            drive.put("/a", hello);
            drive.put("/b", large);

            assertThat(drive.key().hex()).isEqualTo(vector.get("key").getAsString());
            assertThat(drive.blobs().key().hex())
                    .isEqualTo(vector.get("contentKey").getAsString());
            assertThat(drive.db().treeHash())
                    .hasToString(vector.get("dbTreeHash").getAsString());
            assertThat(drive.blobs().treeHash())
                    .hasToString(vector.get("blobsTreeHash").getAsString());
            assertThat(drive.blobs().byteLength())
                    .isEqualTo(vector.get("blobsByteLength").getAsLong());
            try (Log raw = drive.blobs().session(LogOptions.PLAIN)) {
                assertThat(HexFormat.of().formatHex(raw.get(0)))
                        .isEqualTo(vector.get("blobFirstRaw").getAsString());
            }
            try (Drive again = Drive.open(store, drive.key(), options)) {
                assertThat(again.get("/a")).isEqualTo(hello);
                assertThat(again.get("/b")).isEqualTo(large);
            }
        }
    }
}

package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.log.LogOptions;
import dev.espalier.log.LogStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DedupTest {

    private static final PutOptions DEDUP = PutOptions.NONE.withDedup(true);
    private static final byte[] LARGE = Vectors.bytes(24301, 6_291_456);

    @TempDir
    Path temp;

    private LogStore store;
    private Drive drive;

    @BeforeEach
    void open() {
        store = Stores.open(temp.resolve("store"));
        drive = Drive.open(store, "site");
    }

    @AfterEach
    void close() {
        drive.close();
        store.close();
    }

    private static byte[] changed(byte[] bytes) {
        byte[] copy = bytes.clone();
        copy[100]++;
        return copy;
    }

    @Test
    void onlyTheChunkThatChangedIsStoredAgain() {
        drive.put("/a", ByteBuffer.wrap(LARGE), DEDUP);
        long blocks = drive.blobs().length();
        long bytes = drive.blobs().byteLength();
        assertThat(blocks).isEqualTo(4);
        drive.put("/a", ByteBuffer.wrap(changed(LARGE)), DEDUP);
        assertThat(drive.blobs().length()).isEqualTo(blocks + 2);
        assertThat(drive.blobs().byteLength() - bytes).isBetween(2_229_084L, 2_229_184L);
        assertThat(drive.get("/a")).isEqualTo(changed(LARGE));
        assertThat(drive.size(drive.entry("/a"))).isEqualTo(LARGE.length);
        assertThat(drive.checkout(2).get("/a")).isEqualTo(LARGE);
        assertThat(drive.blobsLength(2)).isEqualTo(4);
    }

    @Test
    void aPlainFileBecomesAMapAndAMapAPlainFile() {
        drive.put("/a", Arrays.copyOf(LARGE, 100_000));
        drive.put("/a", ByteBuffer.wrap(LARGE, 0, 100_000), DEDUP);
        assertThat(drive.entry("/a").blob().blockMap()).isTrue();
        assertThat(drive.get("/a")).isEqualTo(Arrays.copyOf(LARGE, 100_000));
        drive.put("/a", new byte[3]);
        assertThat(drive.entry("/a").blob().blockMap()).isFalse();
        drive.put("/empty", ByteBuffer.allocate(0), DEDUP);
        assertThat(drive.get("/empty")).isEmpty();
        assertThat(drive.entry("/empty").blob().blockLength()).isZero();
    }

    @Test
    void chunksOfABatchAndOfAnEncryptedDriveAreRecognised() throws Exception {
        byte[] key = new byte[32];
        try (Drive secret = Drive.open(store.namespace("secret"), LogOptions.encrypted(key))) {
            try (DriveBatch batch = secret.batch()) {
                batch.put("/a", ByteBuffer.wrap(LARGE), DEDUP);
                batch.put("/a", new ByteArrayInputStream(changed(LARGE)), DEDUP);
                batch.flush();
            }
            assertThat(secret.blobs().length()).isEqualTo(6);
            try (InputStream in = secret.newInputStream("/a", 2_229_000, 1_000_000)) {
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(changed(LARGE), 2_229_000, 3_229_000));
            }
        }
    }

    @Test
    void aDeduplicatedStreamHasTheLogForItself() {
        EntryOutput out = drive.newOutputStream("/a", DEDUP);
        out.write(LARGE, 0, 10);
        assertThatThrownBy(() -> drive.put("/b", new byte[1])).isInstanceOf(IllegalStateException.class);
        out.writeBlock(ByteBuffer.wrap(LARGE, 10, 20));
        out.write(LARGE, 30, 5);
        out.close();
        assertThat(drive.get("/a")).isEqualTo(Arrays.copyOf(LARGE, 35));
        assertThat(drive.blobs().length()).isEqualTo(4);
        EntryOutput dropped = drive.newOutputStream("/a", DEDUP);
        dropped.write(LARGE, 0, 10);
        dropped.abort();
        drive.put("/b", new byte[1]);
        assertThat(drive.get("/a")).isEqualTo(Arrays.copyOf(LARGE, 35));
    }

    @Test
    void aMirrorChangesBytesOnTheirWay() {
        Drive copy = Drive.open(store, "copy");
        drive.put("/a.txt", utf8("small")).put("/b.bin", utf8("small")).symlink("/l", "a.txt");
        Mirror mirror = Mirror.from(drive)
                .to(copy)
                .dedup(true)
                .transform(
                        (path, in) -> path.endsWith(".txt") ? new ByteArrayInputStream(upper(in.readAllBytes())) : in);
        assertThat(mirror.run().added()).isEqualTo(3);
        assertThat(copy.get("/a.txt")).asString().isEqualTo("SMALL");
        assertThat(copy.get("/b.bin")).asString().isEqualTo("small");
        assertThat(copy.entry("/b.bin").blob().blockMap()).isTrue();
        assertThat(mirror.run().changed()).isEqualTo(3);
        copy.close();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] upper(byte[] text) {
        return utf8(new String(text, StandardCharsets.UTF_8).toUpperCase(java.util.Locale.ROOT));
    }
}

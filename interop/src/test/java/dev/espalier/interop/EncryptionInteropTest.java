package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogOptions;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.Replication;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted logs exchanged with the published JavaScript stack. */
@RequiresNode
@Timeout(120)
class EncryptionInteropTest {

    private static final String SEED = "c5".repeat(32);
    private static final String KEY = "6b".repeat(32);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void javaReadsAnEncryptedLogThatJavaScriptWrote(boolean blockKey) throws Exception {
        List<String> args = new ArrayList<>(List.of("--create", "50", "--block-size", "100", "--seed", SEED));
        args.addAll(List.of("--listen", "0", "--live"));
        try (LogStore store = LogStore.open(folder.resolve("java"));
                NodePeer writer = peer(blockKey, args);
                Replication ignored = Replication.connect(store, loopback(writer.awaitPort()))) {
            JsonObject ready = writer.await("ready");
            Key key = Key.parse(ready.get("key").getAsString());
            try (Log log = store.log(key, options(blockKey));
                    Log raw = store.log(key)) {
                assertThat(log.get(49, LONG)).isEqualTo(block(49, 100));
                log.download(0, 50).get(LONG.toSeconds(), TimeUnit.SECONDS);
                for (int i = 0; i < 50; i++) {
                    assertThat(log.get(i, Duration.ZERO)).isEqualTo(block(i, 100));
                    assertThat(Arrays.copyOfRange(raw.get(i), 8, 108)).isNotEqualTo(block(i, 100));
                }
                assertThat(log.byteLength())
                        .isEqualTo(ready.get("byteLength").getAsLong())
                        .isEqualTo(5000);
                assertThat(raw.byteLength()).isEqualTo(5400);
                assertThat(log.treeHash()).hasToString(ready.get("treeHash").getAsString());
                writer.send("seek 1234");
                JsonObject seeked = writer.await("seeked");
                assertThat(log.seek(1234))
                        .hasValue(new Log.Position(
                                seeked.get("index").getAsLong(),
                                seeked.get("offset").getAsLong()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void javaScriptReadsAnEncryptedLogThatJavaWrote(boolean blockKey) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("secret", options(blockKey));
                Replication server = Replication.listen(store, loopback(0))) {
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                blocks.add(ByteBuffer.wrap(block(i, 1 + 37 * i)));
            }
            log.append(blocks);
            JsonObject downloaded = download(server, log, blockKey);
            assertSame(downloaded, log);
        }
    }

    @Test
    void javaScriptReadsAnEncryptedLogThatJavaTruncatedAndWroteOnInANewFork() {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("secret", options(false));
                Replication server = Replication.listen(store, loopback(0))) {
            log.append(List.of(ByteBuffer.wrap(block(0, 10)), ByteBuffer.wrap(block(1, 10))));
            log.truncate(1, 5);
            log.append(List.of(ByteBuffer.wrap(block(7, 20)), ByteBuffer.wrap(block(8, 0))));
            JsonObject downloaded = download(server, log, false);
            assertThat(downloaded.get("fork").getAsLong()).isEqualTo(5);
            assertSame(downloaded, log);
        }
    }

    @Test
    void javaFollowsAnEncryptedLogThatJavaScriptTruncatesAndWritesOnInANewFork() throws Exception {
        List<String> args = List.of("--create", "9", "--block-size", "100", "--seed", SEED, "--listen", "0", "--live");
        try (LogStore store = LogStore.open(folder.resolve("java"));
                NodePeer writer = peer(false, args);
                Replication ignored = Replication.connect(store, loopback(writer.awaitPort()))) {
            Key key = Key.parse(writer.await("ready").get("key").getAsString());
            try (Log log = store.log(key, options(false));
                    Log raw = store.log(key)) {
                log.download(0, Long.MAX_VALUE);
                assertThat(log.get(8, LONG)).isEqualTo(block(8, 100));
                byte[] before = raw.get(4, LONG);
                writer.send("truncate 3");
                writer.await("truncated");
                writer.send("append 4");
                JsonObject appended = writer.await("appended");
                assertThat(appended.get("fork").getAsLong()).isEqualTo(1);
                long deadline = System.nanoTime() + LONG.toNanos();
                while (log.presentCount() < 7 || log.fork() < 1) {
                    assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
                    log.update(LONG);
                    Thread.onSpinWait();
                }
                assertThat(log.length()).isEqualTo(7);
                assertThat(log.treeHash()).hasToString(appended.get("treeHash").getAsString());
                for (int i = 0; i < 7; i++) {
                    assertThat(log.get(i, LONG)).isEqualTo(block(i, 100));
                }
                // The same content in another fork is another ciphertext: no part of a keystream is used twice.
                assertThat(raw.get(4, LONG)).isNotEqualTo(before);
            }
        }
    }

    private JsonObject download(Replication server, Log log, boolean blockKey) {
        List<String> args = new ArrayList<>(
                List.of("--connect", String.valueOf(server.address().getPort())));
        args.addAll(List.of("--key", log.key().hex(), "--min-length", String.valueOf(log.length()), "--download"));
        try (NodePeer reader = peer(blockKey, args)) {
            return reader.await("downloaded");
        }
    }

    private static void assertSame(JsonObject downloaded, Log log) {
        assertThat(downloaded.getAsJsonObject("checksum").get("sha256").getAsString())
                .isEqualTo(checksum(log));
        assertThat(downloaded.get("treeHash").getAsString())
                .isEqualTo(log.treeHash().toString());
        assertThat(downloaded.get("byteLength").getAsLong()).isEqualTo(log.byteLength());
    }

    private NodePeer peer(boolean blockKey, List<String> more) {
        List<String> args = new ArrayList<>(more);
        args.addAll(List.of("--storage", folder.resolve("script").toString(), "--encryption-key", KEY));
        if (blockKey) {
            args.add("--block-encryption");
        }
        return NodePeers.start("replicate-peer.mjs", args.toArray(String[]::new));
    }

    private static LogOptions options(boolean blockKey) {
        byte[] key = HexFormat.of().parseHex(KEY);
        return blockKey ? LogOptions.encryptedWithBlockKey(key) : LogOptions.encrypted(key);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** The bytes that the scripts give a block. */
    private static byte[] block(long index, int size) {
        byte[] block = new byte[size];
        for (int i = 0; i < size; i++) {
            block[i] = (byte) (131 * index + 7L * i);
        }
        return block;
    }

    private static String checksum(Log log) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (long i = 0; i < log.length(); i++) {
                digest.update(log.get(i, Duration.ZERO));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
import dev.espalier.merkle.Manifest;
import dev.espalier.replicate.Replication;
import dev.espalier.replicate.ReplicationListener;
import dev.espalier.replicate.ReplicationOptions;
import dev.espalier.replicate.Transport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between Java and the published JavaScript stack, and what only some peers say. */
@RequiresNode
@Tag("exhaustive")
@Timeout(180)
@SuppressWarnings("FutureReturnValueIgnored") // wishes are watched through the log
class FaultsInteropTest extends ReplicationScenario {

    // ---- §5.5 refusals, of today's and of older peers

    @ParameterizedTest
    @ValueSource(strings = {"refuse 7", "refuse-as-old-peers-do 7"})
    void javaTakesARefusalAndGetsTheBlockLater(String refuse) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair = pair(store, true, "--create", "40", "--block-size", "40", "--seed", SEED, "--live");
                Log copy = store.log(key(pair.peer().await("ready")))) {
            pair.peer().send(refuse);
            pair.peer().await("refusing");
            copy.download(0, 40);
            pair.peer().await("refused");
            until(() -> copy.presentCount() == 39);
            assertThat(copy.has(7)).isFalse();
            pair.peer().send("serve");
            pair.peer().await("serving");
            pair.replication().close();
            try (Replication again = Replication.connect(store, loopback(pair.port()))) {
                join(copy.download(0, 40));
                assertThat(again.traffic().blocks().blocksIn()).isEqualTo(1);
            }
            pair.assertPeace();
        }
    }

    // ---- a trusted link is for two of ours

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTrustedLinkToAPeerThatEncryptsEndsAtOnce(boolean javaConnects) {
        BlockingQueue<EspalierException> failures = new LinkedBlockingQueue<>();
        ReplicationOptions trusted = ReplicationOptions.defaults()
                .withTransport(Transport.TRUSTED)
                .withoutReconnect()
                .withListener(new ReplicationListener() {
                    @Override
                    public void handshakeFailed(InetSocketAddress address, EspalierException failure) {
                        failures.add(failure);
                    }
                });
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 3, 20);
            if (javaConnects) {
                try (Pair pair = pair(null, true, "--create", "3", "--seed", SEED, "--live");
                        Replication client = Replication.connect(store, loopback(pair.port()), trusted)) {
                    assertThat(next(failures).getMessage()).contains("trusted link");
                    assertThat(client.peers()).isEmpty();
                }
            } else {
                try (Replication server = Replication.listen(store, loopback(0), trusted);
                        NodePeer peer = peer(
                                "script",
                                "--connect",
                                String.valueOf(server.address().getPort()),
                                "--key",
                                log.key().hex(),
                                "--live")) {
                    assertThat(next(failures).code()).isEqualTo("ERR_TRANSPORT_MISMATCH");
                    assertThat(server.peers()).isEmpty();
                    assertThat(peer.said("append")).isFalse();
                }
            }
        }
    }

    private static EspalierException next(BlockingQueue<EspalierException> failures) {
        try {
            EspalierException failure = failures.poll(LONG.toSeconds(), TimeUnit.SECONDS);
            assertThat(failure).as("a failed handshake").isNotNull();
            return failure;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    // ---- §5.6 a word that this version of the peer understands and never says by itself

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaAnswersAWantOfAnyBlock(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 300, 20);
            log.clear(0, 150);
            log.clear(151, 300);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--live")) {
                pair.peer().await("append", event -> event.get("length").getAsLong() == 300);
                pair.peer().send("want-any 0 256");
                pair.peer().await("wanted");
                pair.peer()
                        .await(
                                "range",
                                event -> event.get("start").getAsInt() == 150
                                        && event.get("length").getAsInt() == 1);
                pair.peer().send("get 150");
                assertThat(pair.peer().await("got").get("bytes").getAsInt()).isEqualTo(20);
                pair.assertPeace();
            }
        }
    }

    /** Both ask and tell by regions of 2^21 blocks, of a log that has more: {@code -Despalier.large=true}. */
    @Test
    @EnabledIfSystemProperty(named = "espalier.large", matches = "true")
    void holesOfALogOfMoreThanOneRegionAreToldBothWays() {
        int region = 1 << 21;
        try (LogStore store = LogStore.open(folder.resolve("java"));
                LogStore second = LogStore.open(folder.resolve("second"));
                Log log = store.log("events")) {
            List<ByteBuffer> many = Collections.nCopies(region / 32, ByteBuffer.wrap(new byte[] {1}));
            for (int i = 0; i < 33; i++) {
                log.append(many);
            }
            log.clear(10, 20);
            log.clear(region + 10, region + 20);
            try (Pair pair = pair(store, false, "--key", log.key().hex(), "--live")) {
                pair.peer().await("append", event -> event.get("length").getAsLong() == log.length());
                for (int index : new int[] {5, region + 100}) {
                    pair.peer().send("get " + index);
                    assertThat(pair.peer().await("got").get("index").getAsInt()).isEqualTo(index);
                }
                try (Replication toScript = Replication.listen(second, loopback(0));
                        Log copy = second.log(log.key())) {
                    pair.peer().send("connect " + toScript.address().getPort());
                    until(() -> copy.length() == log.length() || copy.update(LONG));
                    CompletableFuture<Void> rest = copy.download(0, region + 200);
                    until(() -> copy.presentCount() == 2);
                    assertThat(copy.has(5)).isTrue();
                    assertThat(copy.has(region + 100)).isTrue();
                    assertThat(rest).isNotDone();
                }
                pair.assertPeace();
            }
        }
    }

    // ---- §5.10 blocks that do not hold

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaGoesOnWithAPeerThatSentOneBrokenBlock(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Pair pair =
                        pair(store, javaConnects, "--create", "500", "--block-size", "40", "--seed", SEED, "--live");
                Log copy = store.log(key(pair.peer().await("ready")))) {
            until(() -> copy.length() == 500 || copy.update(LONG));
            pair.peer().send("corrupt 123");
            pair.peer().await("corrupting");
            join(copy.download(0, 500));
            pair.peer().await("corrupted");
            assertThat(copy.get(123)).isEqualTo(block(123, 40));
            assertSameChecksum(pair, copy);
            pair.assertPeace();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void javaScriptGoesOnWithJavaWhoseDiskLostABlock(boolean javaConnects) throws IOException {
        byte[] victim = block(7, 400);
        String key;
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 20, 400);
            key = log.key().hex();
        }
        flip(folder.resolve("java"), victim);
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events");
                Pair pair = pair(store, javaConnects, "--key", key, "--live")) {
            pair.peer().await("append", event -> event.get("length").getAsLong() == 20);
            pair.peer().send("get 3");
            pair.peer().await("got");
            pair.peer().send("try 7");
            JsonObject error = pair.peer().await("verification-error");
            assertThat(text(error, "code")).isEqualTo("INVALID_CHECKSUM");
            pair.peer().await("tried");
            // It has been shown the tree; what is news makes it ask again.
            pair.peer().send("get 12");
            append(log, 1, 400);
            assertThat(pair.peer().await("got").get("index").getAsInt()).isEqualTo(12);
            assertThat(pair.peer().said("conflict")).isFalse();
            assertThat(pair.peer().said("disconnected")).isFalse();
        }
    }

    /** Turns one bit of a block in whichever file of the store holds it. */
    private static void flip(Path store, byte[] block) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(store)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        int found = 0;
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            for (int at = 0; at + block.length <= content.length; at++) {
                if (Arrays.equals(content, at, at + block.length, block, 0, block.length)) {
                    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                        bytes.seek(at + 5);
                        bytes.write(block[5] ^ 1);
                    }
                    found++;
                }
            }
        }
        assertThat(found).as("places that hold the block").isEqualTo(1);
    }

    // ---- §5.10 a log signed twice: evidence is passed on

    @Test
    void aReaderOfJavaLearnsOfAConflictThatJavaFinds() {
        KeyPair pair = KeyPair.fromSeed(HexFormat.of().parseHex(SEED));
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log(Manifest.singleSigner(pair.publicKey()), pair)) {
            append(log, 3, 77);
            try (Pair reader = pair(store, false, "--key", log.key().hex(), "--download", "--live")) {
                reader.peer().await("downloaded");
                try (NodePeer other = peer("other", "--listen", "0", "--create", "10", "--seed", SEED, "--live");
                        Replication toOther = Replication.connect(store, loopback(other.awaitPort()))) {
                    until(() -> log.conflict().isPresent());
                    other.await("conflict");
                    assertThat(reader.peer().await("conflict").get("length").getAsInt())
                            .isEqualTo(3);
                }
            }
        }
    }

    // ---- §5.13 extensions

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void extensionsDoNotDisturbJava(boolean javaConnects) {
        try (LogStore store = LogStore.open(folder.resolve("java"));
                Log log = store.log("events")) {
            append(log, 10, 30);
            try (Pair pair = pair(store, javaConnects, "--key", log.key().hex(), "--live")) {
                pair.peer().await("append");
                for (int i = 0; i < 5; i++) {
                    pair.peer().send("extension " + (i < 3 ? "one" : "two") + " " + "payload".repeat(i * 100));
                    pair.peer().await("extended");
                    pair.peer().send("get " + i);
                    assertThat(pair.peer().await("got").get("index").getAsInt()).isEqualTo(i);
                }
                pair.assertPeace();
            }
        }
    }
}

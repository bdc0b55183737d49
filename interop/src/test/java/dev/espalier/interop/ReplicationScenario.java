package dev.espalier.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
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
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.io.TempDir;

/** What tests of replication with JavaScript peers have in common: pairs of peers, blocks, and waiting. */
abstract class ReplicationScenario {

    static final String SEED = "c3".repeat(32);
    static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    /** A JavaScript peer and, if there is a store, a replication of it with that peer. */
    record Pair(NodePeer peer, int port, Replication replication) implements AutoCloseable {

        void assertPeace() {
            for (String event : List.of("verification-error", "conflict", "stream-error", "socket-error", "error")) {
                assertThat(peer.said(event)).as(event).isFalse();
            }
        }

        @Override
        public void close() {
            if (replication != null) {
                replication.close();
            }
            peer.close();
        }
    }

    Pair pair(LogStore store, boolean javaConnects, String... more) {
        if (javaConnects) {
            List<String> args = new ArrayList<>(List.of("--listen", "0"));
            args.addAll(List.of(more));
            NodePeer peer = peer("script", args.toArray(String[]::new));
            int port = peer.awaitPort();
            return new Pair(peer, port, store == null ? null : Replication.connect(store, loopback(port)));
        }
        Replication server = Replication.listen(store, loopback(0));
        int port = server.address().getPort();
        List<String> args = new ArrayList<>(List.of("--connect", String.valueOf(port)));
        args.addAll(List.of(more));
        return new Pair(peer("script", args.toArray(String[]::new)), port, server);
    }

    NodePeer peer(String name, String... more) {
        List<String> args =
                new ArrayList<>(List.of("--storage", folder.resolve(name).toString()));
        args.addAll(List.of(more));
        return NodePeers.start("replicate-peer.mjs", args.toArray(String[]::new));
    }

    void assertSameChecksum(Pair pair, Log log) {
        pair.peer().send("checksum");
        assertThat(text(pair.peer().await("checksum"), "sha256")).isEqualTo(checksum(log));
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static Key key(JsonObject ready) {
        return Key.parse(text(ready, "key"));
    }

    static String text(JsonObject event, String field) {
        return event.get(field).getAsString();
    }

    /** The bytes that the scripts give a block. */
    static byte[] block(long index, int size) {
        byte[] block = new byte[size];
        for (int i = 0; i < size; i++) {
            block[i] = (byte) (131 * index + 7L * i);
        }
        return block;
    }

    static void append(Log log, int count, int size) {
        List<ByteBuffer> blocks = new ArrayList<>(count);
        for (long i = log.length(); blocks.size() < count; i++) {
            blocks.add(ByteBuffer.wrap(block(i, size)));
        }
        log.append(blocks);
    }

    static String checksum(Log log) {
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

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("waited in vain", e);
        }
    }

    /** Waits until something holds that a log's listener or a peer brings about. */
    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not come about in " + LONG);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}

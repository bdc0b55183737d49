package dev.espalier.replicate.secret;

import static dev.espalier.replicate.Vectors.bytes;
import static dev.espalier.replicate.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.KeyPair;
import dev.espalier.replicate.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class SecretStreamHandlerTest {

    private final List<StreamPeer> peers = new ArrayList<>();

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    @AfterEach
    void nothingIsLeftInMemory() {
        peers.forEach(StreamPeer::end);
    }

    private StreamPeer peer(SecretStreamOptions options) {
        StreamPeer peer = new StreamPeer(options);
        peers.add(peer);
        return peer;
    }

    @Test
    void bytesOnTheWireAreThoseOfThePublishedPeer() {
        JsonObject wire = Vectors.object("wire");
        StreamPeer initiator = peer(pinned(SecretStreamOptions.initiator(), wire, "initiator", 0xa0));
        StreamPeer responder = peer(pinned(SecretStreamOptions.responder(), wire, "responder", 0xb0));

        ByteArrayOutputStream fromInitiator = new ByteArrayOutputStream();
        ByteArrayOutputStream fromResponder = new ByteArrayOutputStream();
        for (JsonElement element : wire.getAsJsonArray("plaintextFromInitiator")) {
            initiator.channel.write(Unpooled.wrappedBuffer(bytes(element)));
        }
        responder.channel.write(Unpooled.wrappedBuffer(
                bytes(wire.getAsJsonArray("plaintextFromResponder").get(0))));
        for (int i = 0; i < 3; i++) {
            byte[] sent = initiator.sent();
            fromInitiator.writeBytes(sent);
            responder.receive(sent);
            sent = responder.sent();
            fromResponder.writeBytes(sent);
            initiator.receive(sent);
        }

        ByteArrayOutputStream expectedFromInitiator = new ByteArrayOutputStream();
        ByteArrayOutputStream expectedFromResponder = new ByteArrayOutputStream();
        int writes = 0;
        for (JsonElement element : wire.getAsJsonArray("writes")) {
            JsonObject write = element.getAsJsonObject();
            boolean first = write.get("from").getAsString().equals("initiator");
            (first ? expectedFromInitiator : expectedFromResponder).writeBytes(bytes(write, "hex"));
            writes++;
        }
        assertThat(hex(fromInitiator.toByteArray())).isEqualTo(hex(expectedFromInitiator.toByteArray()));
        assertThat(hex(fromResponder.toByteArray())).isEqualTo(hex(expectedFromResponder.toByteArray()));
        assertThat(hex(initiator.session.handshakeHash()))
                .isEqualTo(wire.get("handshakeHash").getAsString());
        assertThat(responder.session.handshakeHash()).isEqualTo(initiator.session.handshakeHash());
        assertThat(responder.session.remotePublicKey()).isEqualTo(initiator.session.publicKey());
        // The empty message in the middle is dropped.
        assertThat(responder.plaintexts)
                .usingElementComparator(Arrays::compare)
                .containsExactly(
                        bytes(wire.getAsJsonArray("plaintextFromInitiator").get(0)),
                        bytes(wire.getAsJsonArray("plaintextFromInitiator").get(2)));
        assertThat(initiator.plaintexts).hasSize(1);
        assertThat(writes).isEqualTo(9);
        Vectors.report("wire", writes);
    }

    private static SecretStreamOptions pinned(
            SecretStreamOptions options, JsonObject wire, String side, int firstHeaderByte) {
        byte[] header = new byte[24];
        for (int i = 0; i < header.length; i++) {
            header[i] = (byte) (firstHeaderByte + i);
        }
        return options.keyPair(KeyPair.fromSeed(bytes(wire.getAsJsonObject(side + "Static"), "seed")))
                .random(new PinnedRandom(bytes(wire.getAsJsonObject(side + "Ephemeral"), "seed"), header));
    }

    @Test
    void messagesInManyPartsAreEncryptedAsOne() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        StreamPeer.exchange(a, b);
        byte[] block = new byte[100_003];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) (i * 31);
        }
        CompositeByteBuf parts = Unpooled.compositeBuffer()
                .addComponent(true, Unpooled.copiedBuffer(HELLO))
                .addComponent(
                        true,
                        Unpooled.wrappedBuffer(java.nio.ByteBuffer.allocateDirect(block.length)
                                .put(block)
                                .flip()
                                .asReadOnlyBuffer()));
        a.channel.writeOutbound(parts);
        assertThat(parts.refCnt()).isZero();
        StreamPeer.exchange(a, b);
        assertThat(b.plaintexts).hasSize(1);
        byte[] received = b.plaintexts.get(0);
        assertThat(Arrays.copyOf(received, 5)).isEqualTo(HELLO);
        assertThat(Arrays.copyOfRange(received, 5, received.length)).isEqualTo(block);
    }

    @Test
    void theLongestMessageFitsAndALongerOneIsRefusedBeforeItIsSent() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        StreamPeer.exchange(a, b);
        byte[] longest = new byte[SecretStreamHandler.MAX_PLAINTEXT];
        longest[longest.length - 1] = 7;
        assertThat(longest).hasSize(16_777_198);
        a.write(longest);
        StreamPeer.exchange(a, b);
        assertThat(b.plaintexts).hasSize(1);
        assertThat(b.plaintexts.get(0)).isEqualTo(longest);
        ByteBuf longer = Unpooled.wrappedBuffer(new byte[longest.length + 1]);
        ChannelFuture refused = a.channel.write(longer);
        assertThat(refused.cause()).isInstanceOf(IllegalArgumentException.class);
        assertThat(longer.refCnt()).isZero();
        assertThat(a.channel.isOpen()).isTrue();
    }

    @Test
    void aHandshakeWithAKnownRemoteTakesTwoMessages() {
        KeyPair server = KeyPair.random();
        StreamPeer a = peer(SecretStreamOptions.initiator().knownRemote(server.publicKey()));
        StreamPeer b = peer(SecretStreamOptions.responder().knownLocal(server));
        byte[] first = a.sent();
        assertThat(first).hasSize(3 + 96);
        b.receive(first);
        assertThat(b.session).isNotNull();
        a.receive(b.sent());
        a.write(HELLO);
        StreamPeer.exchange(a, b);
        assertThat(a.session.remotePublicKey()).isEqualTo(server.publicKey());
        assertThat(b.plaintexts).usingElementComparator(Arrays::compare).containsExactly(HELLO);
    }

    @Test
    void aStreamMayStartAfterAHandshakeMadeElsewhere() {
        NoiseHandshake initiator = NoiseHandshake.initiator(KeyPair.random(), HELLO);
        NoiseHandshake responder = NoiseHandshake.responder(NoiseHandshake.Pattern.XX, KeyPair.random(), HELLO);
        responder.read(initiator.write(new byte[] {1}));
        initiator.read(responder.write(new byte[] {2}));
        responder.read(initiator.write(new byte[] {3}));
        StreamPeer a = peer(SecretStreamOptions.resume(initiator.keys()));
        StreamPeer b = peer(SecretStreamOptions.resume(responder.keys()));
        assertThat(a.session).isNotNull();
        b.write(HELLO);
        StreamPeer.exchange(a, b);
        assertThat(a.plaintexts).usingElementComparator(Arrays::compare).containsExactly(HELLO);
    }

    @Test
    void twoInitiatorsRefuseEachOther() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.initiator());
        StreamPeer.exchange(a, b);
        assertRefused(a, SecretStreamException.HANDSHAKE);
        assertRefused(b, SecretStreamException.HANDSHAKE);
    }

    @Test
    void aHandshakeThatNeverEndsIsGivenUp() {
        StreamPeer peer = peer(SecretStreamOptions.responder().handshakeTimeout(Duration.ofSeconds(3)));
        peer.channel.freezeTime();
        peer.channel.advanceTimeBy(2_900, TimeUnit.MILLISECONDS);
        peer.channel.runScheduledPendingTasks();
        assertThat(peer.channel.isOpen()).isTrue();
        peer.channel.advanceTimeBy(200, TimeUnit.MILLISECONDS);
        peer.channel.runScheduledPendingTasks();
        assertRefused(peer, SecretStreamException.TIMEOUT);
    }

    @Test
    void anEmptyMessageIsSentAfterAWhileWithoutAWrite() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder().keepAlive(Duration.ZERO));
        a.channel.freezeTime();
        b.channel.freezeTime();
        StreamPeer.exchange(a, b);
        a.channel.advanceTimeBy(4, TimeUnit.SECONDS);
        a.channel.runScheduledPendingTasks();
        a.write(HELLO);
        assertThat(a.sent()).hasSize(3 + 17 + HELLO.length);
        a.channel.advanceTimeBy(4, TimeUnit.SECONDS);
        a.channel.runScheduledPendingTasks();
        assertThat(a.sent()).isEmpty();
        a.channel.advanceTimeBy(2, TimeUnit.SECONDS);
        a.channel.runScheduledPendingTasks();
        assertThat(a.sent()).hasSize(20);
        a.channel.advanceTimeBy(6, TimeUnit.SECONDS);
        a.channel.runScheduledPendingTasks();
        assertThat(a.sent()).hasSize(20);
        b.channel.advanceTimeBy(1, TimeUnit.HOURS);
        b.channel.runScheduledPendingTasks();
        assertThat(b.sent()).isEmpty();
    }

    @Test
    void aWrongStreamIdIsRefused() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        b.receive(a.sent());
        a.receive(b.sent());
        byte[] last = a.sent(); // message 3, then the header
        last[3 + 64 + 3 + 5] ^= 1;
        b.receive(last);
        assertRefused(b, SecretStreamException.HANDSHAKE);
    }

    @Test
    void aHeaderOfAnotherLengthIsRefused() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        b.receive(a.sent());
        a.receive(b.sent());
        byte[] last = a.sent();
        last[3 + 64] = 55;
        b.receive(last);
        assertRefused(b, SecretStreamException.HANDSHAKE);
    }

    @Test
    void aFrameShorterThanACiphertextIsRefused() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        StreamPeer.exchange(a, b);
        b.receive(new byte[] {16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        assertRefused(b, SecretStreamException.PROTOCOL);
    }

    @Test
    void aHandshakeFrameOfUnreasonableLengthIsRefusedBeforeItArrives() {
        StreamPeer b = peer(SecretStreamOptions.responder());
        b.receive(new byte[] {0, 0, 1});
        assertRefused(b, SecretStreamException.HANDSHAKE);
    }

    @Test
    void replayedAndReorderedFramesAreRefused() {
        StreamPeer a = peer(SecretStreamOptions.initiator());
        StreamPeer b = peer(SecretStreamOptions.responder());
        StreamPeer.exchange(a, b);
        a.write(HELLO);
        byte[] frame = a.sent();
        b.receive(frame);
        assertThat(b.plaintexts).hasSize(1);
        b.receive(frame);
        assertRefused(b, SecretStreamException.PROTOCOL);
        assertThat(b.plaintexts).hasSize(1);
    }

    @Test
    void writesThatWaitForTheHandshakeFailWhenItDoes() {
        StreamPeer b = peer(SecretStreamOptions.responder());
        ByteBuf waiting = Unpooled.copiedBuffer(HELLO);
        ChannelFuture future = b.channel.write(waiting);
        b.receive(new byte[40]);
        assertRefused(b, SecretStreamException.HANDSHAKE);
        assertThat(future.isDone()).isTrue();
        assertThat(future.cause()).isInstanceOf(EspalierException.class);
        assertThat(waiting.refCnt()).isZero();
    }

    @Test
    void aConnectionThatEndsDuringTheHandshakeSaysSo() {
        StreamPeer b = peer(SecretStreamOptions.responder());
        b.channel.close();
        assertThat(b.failures).hasSize(1);
        assertThat(b.failures.get(0)).hasMessageContaining("closed the connection before");
    }

    @Test
    void pointsThatLibsodiumRefusesAreRefused() {
        byte[] seed = KeyPair.random().seed();
        List<String> refused = List.of(
                // the neutral element and other points of small order
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                // not canonical: y = p, y = p + 1
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                // not on the curve
                "0200000000000000000000000000000000000000000000000000000000000000",
                // the base point plus a point of order two: outside of the prime-order subgroup
                "9599999999999999999999999999999999999999999999999999999999999999");
        for (String point : refused) {
            assertThatThrownBy(() ->
                            Ed25519DiffieHellman.agree(seed, HexFormat.of().parseHex(point)))
                    .as(point)
                    .isInstanceOf(SecretStreamException.class);
        }
        byte[] base = HexFormat.of().parseHex("5866666666666666666666666666666666666666666666666666666666666666");
        assertThat(Ed25519DiffieHellman.agree(seed, base))
                .isEqualTo(KeyPair.fromSeed(seed).publicKey().bytes());
    }

    private static void assertRefused(StreamPeer peer, String code) {
        assertThat(peer.failures).hasSize(1);
        assertThat(peer.failures.get(0))
                .isInstanceOfSatisfying(
                        SecretStreamException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(peer.channel.isOpen()).isFalse();
    }
}

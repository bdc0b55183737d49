package dev.espalier.replicate.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

@SuppressWarnings("FutureReturnValueIgnored")
class SecretStreamLawsTest {

    private static final SessionKeys[] KEYS = sessions();

    private static SessionKeys[] sessions() {
        NoiseHandshake a = NoiseHandshake.initiator(KeyPair.random(), new byte[0]);
        NoiseHandshake b = NoiseHandshake.responder(NoiseHandshake.Pattern.XX, KeyPair.random(), new byte[0]);
        b.read(a.write(new byte[0]));
        a.read(b.write(new byte[0]));
        b.read(a.write(new byte[0]));
        return new SessionKeys[] {a.keys(), b.keys()};
    }

    @Property(tries = 300)
    void anySplittingOfTheBytesGivesTheSamePlaintexts(
            @ForAll @Size(max = 12) List<@IntRange(max = 3000) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 200) int longestPiece,
            @ForAll long seed) {
        Random random = new Random(seed);
        StreamPeer a = new StreamPeer(SecretStreamOptions.initiator());
        StreamPeer b = new StreamPeer(SecretStreamOptions.responder());
        List<byte[]> sent = new ArrayList<>();
        for (int length : lengths) {
            byte[] plain = new byte[length];
            random.nextBytes(plain);
            a.channel.write(io.netty.buffer.Unpooled.copiedBuffer(plain));
            if (length > 0) {
                sent.add(plain);
            }
        }
        a.channel.flush();
        for (byte[] bytes = a.sent(); bytes.length > 0; bytes = a.sent()) {
            for (int at = 0; at < bytes.length; ) {
                int piece = Math.min(bytes.length - at, 1 + random.nextInt(longestPiece));
                b.receive(Arrays.copyOfRange(bytes, at, at + piece));
                at += piece;
            }
            a.receive(b.sent());
        }
        assertThat(b.failures).isEmpty();
        assertThat(b.plaintexts).usingElementComparator(Arrays::compare).containsExactlyElementsOf(sent);
        a.end();
        b.end();
    }

    @Property(tries = 500)
    void anyFlippedBitOfACiphertextIsRefused(@ForAll @IntRange(max = 300) int length, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] plain = new byte[length];
        random.nextBytes(plain);
        StreamPeer a = new StreamPeer(SecretStreamOptions.resume(KEYS[0]));
        StreamPeer b = new StreamPeer(SecretStreamOptions.resume(KEYS[1]));
        StreamPeer.exchange(a, b);
        a.write(plain);
        byte[] frame = a.sent();
        int bit = random.nextInt(8 * (frame.length - 3));
        frame[3 + bit / 8] ^= (byte) (1 << (bit % 8));
        b.receive(frame);
        assertThat(b.plaintexts).isEmpty();
        assertThat(b.failures).hasSize(1);
        assertThat(b.failures.get(0)).isInstanceOf(SecretStreamException.class);
        assertThat(b.channel.isOpen()).isFalse();
        a.end();
        b.end();
    }

    @Property(tries = 300)
    void handshakeGarbageThrowsNothingButOurOwnException(
            @ForAll @Size(max = 200) byte[] garbage, @ForAll @IntRange(max = 4) int stage) {
        NoiseHandshake side;
        switch (stage) {
            case 0 -> side = NoiseHandshake.responder(NoiseHandshake.Pattern.XX, KeyPair.random(), garbage);
            case 1 -> side = NoiseHandshake.responder(NoiseHandshake.Pattern.IK, KeyPair.random(), garbage);
            case 2 -> {
                side = NoiseHandshake.initiator(KeyPair.random(), garbage);
                side.write(new byte[0]);
            }
            case 3 -> {
                side = NoiseHandshake.initiator(
                        KeyPair.random(), KeyPair.random().publicKey(), garbage);
                side.write(new byte[0]);
            }
            default -> {
                NoiseHandshake other = NoiseHandshake.initiator(KeyPair.random(), garbage);
                side = NoiseHandshake.responder(NoiseHandshake.Pattern.XX, KeyPair.random(), garbage);
                side.read(other.write(new byte[0]));
                side.write(new byte[0]);
            }
        }
        try {
            side.read(garbage);
            // The first message of XX is not encrypted: whatever begins with 32 bytes is one.
            assertThat(stage).isZero();
            assertThat(garbage.length).isGreaterThanOrEqualTo(Key.BYTES);
        } catch (SecretStreamException e) {
            assertThat(e.code()).isEqualTo(SecretStreamException.HANDSHAKE);
            assertThatThrownBy(() -> side.read(garbage)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Property(tries = 200)
    void foreignBytesOnTheWireCauseNothingButOurOwnException(
            @ForAll @Size(max = 400) byte[] bytes, @ForAll boolean initiator) {
        StreamPeer peer = new StreamPeer(initiator ? SecretStreamOptions.initiator() : SecretStreamOptions.responder());
        peer.receive(bytes);
        assertThat(peer.plaintexts).isEmpty();
        assertThat(peer.failures).allSatisfy(e -> assertThat(e).isInstanceOf(SecretStreamException.class));
        assertThat(peer.channel.isOpen()).isEqualTo(peer.failures.isEmpty());
        peer.end();
    }

    @Property(tries = 200)
    void cuttingThePlaintextIntoPartsMakesNoDifference(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 700) Integer> lengths, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] header = new byte[24];
        random.nextBytes(header);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer[] parts = new ByteBuffer[lengths.size()];
        for (int i = 0; i < parts.length; i++) {
            byte[] part = new byte[lengths.get(i)];
            random.nextBytes(part);
            all.writeBytes(part);
            parts[i] = random.nextBoolean()
                    ? ByteBuffer.wrap(part)
                    : ByteBuffer.allocateDirect(part.length).put(part).flip();
        }
        ByteBuffer inParts = ByteBuffer.allocateDirect(all.size() + SecretStreamPush.OVERHEAD);
        ByteBuffer atOnce = ByteBuffer.allocate(all.size() + SecretStreamPush.OVERHEAD);
        new SecretStreamPush(KEYS[0].sendKey(), header).encrypt(SecretStreamPush.MESSAGE, parts, inParts);
        new SecretStreamPush(KEYS[0].sendKey(), header)
                .encrypt(SecretStreamPush.MESSAGE, ByteBuffer.wrap(all.toByteArray()), atOnce);
        assertThat(inParts.flip()).isEqualTo(atOnce.flip());
        new SecretStreamPull(KEYS[1].receiveKey(), header).decrypt(inParts);
        assertThat(inParts).isEqualTo(ByteBuffer.wrap(all.toByteArray()));
    }

    @Property(tries = 100)
    void theCipherOfTheRuntimeMakesTheSameBytes(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 5000) Integer> eighths, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] key = KEYS[0].sendKey();
        byte[] header = new byte[24];
        random.nextBytes(header);
        SecretStreamPush byRuntime = new SecretStreamPush(new SecretStreamState(key, header, AlignedCipher.forced()));
        SecretStreamPush byParts = new SecretStreamPush(new SecretStreamState(key, header, null));
        SecretStreamPull readByRuntime =
                new SecretStreamPull(new SecretStreamState(key, header, AlignedCipher.forced()));
        SecretStreamPull readByParts = new SecretStreamPull(new SecretStreamState(key, header, null));
        for (int eighth : eighths) {
            byte[] plain = new byte[8 * eighth];
            random.nextBytes(plain);
            byte tag = random.nextInt(4) == 0 ? SecretStreamPush.REKEY : SecretStreamPush.MESSAGE;
            ByteBuffer one = ByteBuffer.allocateDirect(plain.length + SecretStreamPush.OVERHEAD);
            ByteBuffer other = ByteBuffer.allocate(one.capacity());
            int cut = random.nextInt(plain.length + 1);
            ByteBuffer[] parts = {ByteBuffer.wrap(plain, 0, cut), ByteBuffer.wrap(plain, cut, plain.length - cut)};
            byRuntime.encrypt(tag, parts, one);
            byParts.encrypt(tag, ByteBuffer.wrap(plain), other);
            assertThat(one.flip()).isEqualTo(other.flip());
            assertThat(readByRuntime.decrypt(one)).isEqualTo(tag);
            assertThat(readByParts.decrypt(other)).isEqualTo(tag);
            assertThat(one).isEqualTo(ByteBuffer.wrap(plain));
            assertThat(other).isEqualTo(ByteBuffer.wrap(plain));
        }
    }

    @Property(tries = 100)
    void theCipherOfTheRuntimeRefusesAnyFlippedBitAndChangesNothing(
            @ForAll @IntRange(min = 64, max = 300) int eighths, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] header = new byte[24];
        SecretStreamPull pull =
                new SecretStreamPull(new SecretStreamState(KEYS[0].sendKey(), header, AlignedCipher.forced()));
        ByteBuffer message = ByteBuffer.allocate(8 * eighths + SecretStreamPush.OVERHEAD);
        new SecretStreamPush(KEYS[0].sendKey(), header)
                .encrypt(SecretStreamPush.MESSAGE, ByteBuffer.allocate(8 * eighths), message);
        int bit = random.nextInt(8 * message.capacity());
        message.array()[bit / 8] ^= (byte) (1 << (bit % 8));
        byte[] before = message.array().clone();
        assertThatThrownBy(() -> pull.decrypt(message.flip())).isInstanceOf(SecretStreamException.class);
        assertThat(message.array()).isEqualTo(before);
    }
}

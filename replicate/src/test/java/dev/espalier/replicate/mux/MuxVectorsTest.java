package dev.espalier.replicate.mux;

import static dev.espalier.replicate.Vectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.espalier.merkle.EncodingException;
import dev.espalier.replicate.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MuxVectorsTest {

    private static final byte[] NONE = {};

    @Test
    void numbersAreWrittenInTheShortestFormAndReadBack() {
        int count = 0;
        for (JsonElement element : Vectors.list("uint")) {
            JsonObject vector = element.getAsJsonObject();
            long value = vector.get("value").getAsLong();
            ByteBuf buffer = Unpooled.buffer();
            WireUint.write(buffer, value);
            assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo(vector.get("hex").getAsString());
            assertThat(WireUint.length(value)).isEqualTo(buffer.readableBytes());
            assertThat(WireUint.read(buffer)).isEqualTo(value);
            assertThat(buffer.isReadable()).isFalse();
            count++;
        }
        assertThat(count).isEqualTo(12);
        Vectors.report("uint", count);
    }

    @Test
    void numbersInLongerFormsAreReadAndBrokenOnesRefused() {
        assertThat(WireUint.read(hex("fd0500"))).isEqualTo(5);
        assertThat(WireUint.read(hex("fe05000000"))).isEqualTo(5);
        assertThat(WireUint.read(hex("ff0500000000000000"))).isEqualTo(5);
        for (String broken : List.of("", "fd05", "fe050000", "ff05", "ff00000000000020" + "00", "ffffffffffffffffff")) {
            assertThatThrownBy(() -> WireUint.read(hex(broken))).as(broken).isInstanceOf(EncodingException.class);
        }
        assertThatThrownBy(() -> WireUint.write(Unpooled.buffer(), 1L << 53))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WireUint.write(Unpooled.buffer(), -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void framesAreThoseOfThePublishedPeer() {
        JsonArray frames = Vectors.object("protomux").getAsJsonArray("frames");
        MuxPeer sender = new MuxPeer();
        MuxPeer receiver = new MuxPeer();
        List<String> seen = new ArrayList<>();
        for (String protocol : List.of("proto-a", "proto-b", "proto-c")) {
            receiver.mux.onOpen(protocol, request -> request.accept(NONE, new Recorder(seen)));
        }

        MuxChannel a = sender.mux.open(
                "proto-a",
                HexFormat.of().parseHex("4adcb14aae8fcae84230e99a4d1a3495275bb3906f3efb561b56c9eb8a47c62d"),
                HexFormat.of().parseHex("026869"),
                new Recorder(new ArrayList<>()));
        MuxChannel b = sender.mux.open("proto-b", NONE, NONE, new Recorder(new ArrayList<>()));
        a.send(0, hex("0568656c6c6f"));
        a.send(1, hex("fde803"));
        sender.mux.cork();
        a.send(0, hex("0161"));
        a.send(1, hex("07"));
        b.send(0, hex("0908"));
        a.send(0, hex("0162"));
        sender.mux.uncork();
        a.cork();
        a.send(0, hex("046f6e6c79"));
        a.uncork();
        List<String> sent = new ArrayList<>(sender.sent());
        receiver.receive(sent.toArray(String[]::new));
        sender.receive(receiver.sent().toArray(String[]::new));
        sender.mux.cork();
        MuxChannel c = sender.mux.open("proto-c", NONE, NONE, new Recorder(new ArrayList<>()));
        c.send(0, hex("78797a"));
        b.close();
        sender.mux.uncork();
        a.close();
        List<String> rest = sender.sent();
        receiver.receive(rest.toArray(String[]::new));
        sent.addAll(rest);

        MuxPeer refusing = new MuxPeer();
        refusing.receive("0001010770726f746f2d7a00");
        sent.addAll(refusing.sent());

        int count = 0;
        for (JsonElement frame : frames) {
            assertThat(sent.get(count))
                    .as(frame.getAsJsonObject().get("note").getAsString())
                    .isEqualTo(frame.getAsJsonObject().get("hex").getAsString());
            count++;
        }
        assertThat(count).isEqualTo(9);
        assertThat(seen)
                .containsExactly(
                        "open proto-a 026869",
                        "open proto-b ",
                        "proto-a 0 0568656c6c6f",
                        "proto-a 1 fde803",
                        "proto-a 0 0161",
                        "proto-a 1 07",
                        "proto-b 0 0908",
                        "proto-a 0 0162",
                        "proto-a 0 046f6e6c79",
                        "open proto-c ",
                        "proto-c 0 78797a",
                        "close proto-b REMOTE",
                        "close proto-a REMOTE");
        assertThat(receiver.mux.failure()).isNull();
        sender.end();
        receiver.end();
        refusing.end();
        Vectors.report("protomux", count);
    }

    @Test
    void everyFrameOfTheTranscriptsIsUnderstood() {
        int count = 0;
        for (JsonElement element : Vectors.list("transcripts")) {
            JsonObject transcript = element.getAsJsonObject();
            for (String side : List.of("A", "B")) {
                count += replay(transcript, side);
            }
        }
        assertThat(count).isGreaterThan(500);
        Vectors.report("transcripts (frames through the mux)", count);
    }

    /** Feeds all that one side received; nothing may end the connection. */
    private static int replay(JsonObject transcript, String side) {
        MuxPeer peer = new MuxPeer();
        peer.mux.onOpen("hypercore/alpha", request -> request.accept(NONE, new Recorder(new ArrayList<>())));
        int count = 0;
        for (JsonElement element : transcript.getAsJsonArray("frames")) {
            JsonObject frame = element.getAsJsonObject();
            String hex = frame.get("hex").getAsString();
            boolean reject = hex.startsWith("0002");
            if (frame.get("from").getAsString().equals(side) || reject) {
                continue;
            }
            peer.channel.writeInbound(Unpooled.wrappedBuffer(bytes(frame, "hex")));
            peer.sent();
            assertThat(peer.mux.failure())
                    .as(transcript.get("name").getAsString() + " " + hex)
                    .isNull();
            count++;
        }
        peer.end();
        return count;
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
    }

    private record Recorder(List<String> seen) implements MuxChannel.Listener {

        @Override
        public void onOpen(MuxChannel channel, ByteBuf handshake) {
            seen.add("open " + channel.protocol() + " " + ByteBufUtil.hexDump(handshake));
        }

        @Override
        public void onMessage(MuxChannel channel, int type, ByteBuf body) {
            seen.add(channel.protocol() + " " + type + " " + ByteBufUtil.hexDump(body));
        }

        @Override
        public void onClose(MuxChannel channel, MuxChannel.CloseReason reason) {
            seen.add("close " + channel.protocol() + " " + reason);
        }
    }
}

package dev.espalier.replicate.mux;

import static dev.espalier.replicate.mux.MuxPeer.body;
import static dev.espalier.replicate.mux.MuxPeer.exchange;
import static dev.espalier.replicate.mux.MuxPeer.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import dev.espalier.replicate.secret.SecretStreamHandler;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored")
class MuxTest {

    private final MuxPeer a = new MuxPeer();
    private final MuxPeer b = new MuxPeer();

    @AfterEach
    void nothingIsLeftInMemory() {
        a.end();
        b.end();
    }

    @Test
    void channelsOpenedByBothSidesPairUp() {
        a.open("p", "x", "from a");
        b.open("p", "x", "from b");
        exchange(a, b);
        assertThat(a.happened()).containsExactly("open p/x from b");
        assertThat(b.happened()).containsExactly("open p/x from a");
        assertThat(a.mux.isOpen("p", utf8("x"))).isTrue();
    }

    @Test
    void channelsOpenedByOneSideAreOfferedToTheHandler() {
        b.accept("p", "from b");
        MuxChannel channel = a.open("p", "x", "from a");
        channel.send(3, body("early"));
        exchange(a, b);
        assertThat(a.happened()).containsExactly("open p/x from b");
        assertThat(b.happened()).containsExactly("request x from a", "open p/x from a", "message p/x 3 early");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void handlersForOneIdGoBeforeHandlersForAll() {
        List<String> asked = new ArrayList<>();
        b.mux.onOpen("p", request -> {
            asked.add("any");
            request.reject();
        });
        b.mux.onOpen("p", utf8("x"), request -> {
            asked.add("x");
            request.reject();
        });
        a.open("p", "x", "");
        a.open("p", "y", "");
        exchange(a, b);
        assertThat(asked).containsExactly("x", "any");
        assertThat(a.happened()).containsExactly("close p/x REJECTED", "close p/y REJECTED");
    }

    @Test
    void unknownProtocolsAreRejectedAndCanBeOpenedByTheOtherSideLater() {
        a.open("p", "x", "");
        exchange(a, b);
        assertThat(a.happened()).containsExactly("close p/x REJECTED");
        assertThat(b.happened()).isEmpty();
        a.accept("p", "");
        b.open("p", "x", "");
        exchange(a, b);
        assertThat(a.happened()).containsExactly("request x ", "open p/x ");
        assertThat(b.happened()).containsExactly("open p/x ");
    }

    @Test
    void lateAnswersFindTheMessagesThatCameMeanwhile() {
        List<MuxRequest> requests = new ArrayList<>();
        b.mux.onOpen("p", requests::add);
        MuxChannel channel = a.open("p", "x", "");
        channel.send(0, body("one"));
        channel.send(1, body("two"));
        exchange(a, b);
        assertThat(b.happened()).isEmpty();
        assertThat(requests).hasSize(1);
        MuxChannel opened = b.open("p", "x", "");
        assertThat(requests.get(0).isPending()).isFalse();
        assertThat(b.events).as("nothing is called from within open").isEmpty();
        assertThat(b.happened()).containsExactly("open p/x ", "message p/x 0 one", "message p/x 1 two");
        requests.get(0).reject();
        opened.send(0, body("back"));
        exchange(a, b);
        assertThat(a.happened()).containsExactly("open p/x ", "message p/x 0 back");
    }

    @Test
    void longBatchesAreFilledUpToWhatTheFastCipherTakes() {
        b.accept("p", "");
        MuxChannel channel = a.open("p", "x", "");
        exchange(a, b);
        b.happened();
        for (int length = 4096; length < 4120; length++) {
            String text = "a".repeat(length);
            a.mux.cork();
            channel.send(2, body(text));
            channel.send(3, body("last"));
            a.mux.uncork();
            List<String> frames = a.sent();
            assertThat(frames).hasSize(1);
            assertThat(frames.get(0).length() / 2 % 8).isZero();
            b.receive(frames.get(0));
            assertThat(b.happened()).containsExactly("message p/x 2 " + text, "message p/x 3 last");
        }
    }

    @Test
    void readingPausesWhileTooMuchIsHeld() {
        List<MuxRequest> requests = new ArrayList<>();
        b.mux.onOpen("p", requests::add);
        MuxChannel channel = a.open("p", "x", "");
        for (int i = 0; i < 62; i++) {
            channel.send(0, body(""));
        }
        exchange(a, b);
        assertThat(b.channel.config().isAutoRead()).isTrue();
        channel.send(0, body("a".repeat(600)));
        exchange(a, b);
        assertThat(b.channel.config().isAutoRead()).isFalse();
        requests.get(0).reject();
        assertThat(b.channel.config().isAutoRead()).isTrue();
        exchange(a, b);
        assertThat(a.happened()).containsExactly("close p/x REJECTED");
    }

    @Test
    void readingGoesOnWhenWhatWasHeldIsDelivered() {
        List<MuxRequest> requests = new ArrayList<>();
        b.mux.onOpen("p", requests::add);
        MuxChannel channel = a.open("p", "x", "");
        channel.send(0, body("a".repeat(40_000)));
        exchange(a, b);
        assertThat(b.channel.config().isAutoRead()).isFalse();
        requests.get(0).accept(utf8(""), new Silent());
        b.channel.runPendingTasks();
        assertThat(b.channel.config().isAutoRead()).isTrue();
    }

    @Test
    void readingPausesAsOftenAsAsked() {
        a.mux.pauseReading();
        a.mux.pauseReading();
        a.mux.resumeReading();
        assertThat(a.channel.config().isAutoRead()).isFalse();
        a.mux.resumeReading();
        assertThat(a.channel.config().isAutoRead()).isTrue();
        assertThatThrownBy(a.mux::resumeReading).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theNumberFreedLastIsUsedNext() {
        b.accept("p", "");
        MuxChannel one = a.open("p", "1", "");
        MuxChannel two = a.open("p", "2", "");
        exchange(a, b);
        one.close();
        two.close();
        assertThat(a.open("p", "3", "").localId).isEqualTo(two.localId);
        assertThat(a.open("p", "4", "").localId).isEqualTo(one.localId);
        assertThat(a.open("p", "5", "").localId).isEqualTo(3);
        exchange(a, b);
        assertThat(b.mux.failure()).isNull();
    }

    @Test
    void closingIsToldToTheOtherSideAndFreesTheNumbers() {
        b.accept("p", "");
        MuxChannel first = a.open("p", "x", "");
        exchange(a, b);
        a.happened();
        b.happened();
        first.close();
        first.close();
        assertThat(first.send(0, body("too late"))).isFalse();
        exchange(a, b);
        assertThat(a.happened()).containsExactly("close p/x LOCAL");
        assertThat(b.happened()).containsExactly("close p/x REMOTE");
        assertThat(a.open("p", "x", "").localId).isEqualTo(first.localId);
        exchange(a, b);
        assertThat(a.happened()).containsExactly("open p/x ");
    }

    @Test
    void closingOnBothSidesAtOnceClosesOnce() {
        b.accept("p", "");
        MuxChannel ours = a.open("p", "x", "");
        exchange(a, b);
        List<MuxChannel> theirs = new ArrayList<>();
        b.mux.onOpen("q", request -> theirs.add(request.accept(utf8(""), new Silent())));
        MuxChannel second = a.open("q", "y", "");
        exchange(a, b);
        second.close();
        theirs.get(0).close();
        exchange(a, b);
        assertThat(a.mux.failure()).isNull();
        assertThat(b.mux.failure()).isNull();
        assertThat(ours.isOpen()).isTrue();
        assertThat(a.mux.isOpen("q", utf8("y"))).isFalse();
        assertThat(b.mux.isOpen("q", utf8("y"))).isFalse();
    }

    @Test
    void closingWaitsForTheAnswerToOurOpen() {
        b.accept("p", "");
        MuxChannel channel = a.open("p", "x", "");
        channel.close();
        assertThat(a.happened()).containsExactly("close p/x LOCAL");
        assertThat(a.sent()).as("no close before the answer").containsExactly("0001010170" + "0178");
        assertThat(a.mux.isOpen("p", utf8("x"))).isTrue();
        assertThatThrownBy(() -> a.open("p", "x", "")).isInstanceOf(IllegalStateException.class);
        a.receive("00010101700178");
        assertThat(a.sent()).containsExactly("000301");
        assertThat(a.mux.isOpen("p", utf8("x"))).isFalse();
        assertThat(a.happened()).isEmpty();
    }

    @Test
    void aCloseThatDidNotWaitForOurHalfIsAnsweredByAReject() {
        List<MuxRequest> requests = new ArrayList<>();
        b.mux.onOpen("p", requests::add);
        b.receive("00010101700178", "000301");
        assertThat(b.sent()).containsExactly("000201");
        assertThat(requests.get(0).isPending()).isFalse();
    }

    @Test
    void secondOpensOfTheSameNameAreRejected() {
        b.accept("p", "");
        b.receive("00010101700178", "00010201700178");
        assertThat(b.sent()).hasSize(1).allSatisfy(frame -> assertThat(frame).endsWith("020202"));
        assertThat(b.mux.failure()).isNull();
    }

    @Test
    void messagesOnUnknownChannelsAndOfUnknownKindsAreIgnored() {
        b.accept("p", "");
        b.receive("0501", "ff0000000000000100" + "00", "0009", "00fd0102ffff", "000305", "000300");
        assertThat(b.mux.failure()).isNull();
        assertThat(b.sent()).isEmpty();
        assertThat(b.happened()).isEmpty();
    }

    @Test
    void openingControlIsRejected() {
        b.receive("000100017000");
        assertThat(b.sent()).containsExactly("000200");
        assertThat(b.mux.failure()).isNull();
    }

    @Test
    void messagesSentByHandlersOfOneReadLeaveInOneFrame() {
        b.mux.onOpen(
                "p",
                request -> request.accept(utf8(""), new Silent() {
                    @Override
                    public void onMessage(MuxChannel channel, int type, ByteBuf body) {
                        channel.send(type, body.retain());
                    }
                }));
        b.receive("00010101700178", "010061", "01" + "0162", "0000" + "01" + "020263" + "020364");
        assertThat(b.sent())
                .containsExactly("0000" + "00" + "06010101700178" + "0001" + "020061" + "020162" + "020263" + "020364");
    }

    @Test
    void brokenMessagesEndTheConnectionWithAReason() {
        String open = "0001" + "01" + "0170" + "0178";
        String[] broken = {
            "", // no channel
            "01", // no type
            "00", // no control type
            "000103" + "0170" + "00", // number too high
            "0001fe01001000" + "0170" + "00", // number far too high
            "0001" + "01" + "0270", // protocol cut off
            "0001" + "01" + "fd0104" + "00".repeat(1025) + "00", // protocol too long
            "0001" + "01" + "0170" + "fe00000001", // id of 16 MiB
            "0001" + "01" + "0170" + "00" + "00".repeat(65537), // handshake too long
            "0002" + "01", // reject of nothing
            "0002" + "00",
            "0002" + "ffffffffffffff1f00", // reject of a large number
            "0003", // close without a number
            "0000", // batch without a channel
            "0000" + "00" + "03" + "000100", // batch in a batch
            "0000" + "01" + "ff", // cut off length
            "0000" + "00" + "02" + "01" + "03", // open without a name
            "ffffffffffffffffff" + "00", // number above 2^53-1
        };
        for (String frame : broken) {
            MuxPeer peer = new MuxPeer();
            peer.receive(frame);
            assertThat(peer.mux.failure()).as(frame).isInstanceOf(EspalierException.class);
            assertThat(peer.channel.isOpen()).as(frame).isFalse();
            assertThat(peer.happened()).containsExactly("end");
            peer.end();
        }
        b.mux.onOpen("p", request -> {});
        b.receive(open, open);
        assertThat(b.mux.failure()).hasMessageContaining("in use");
    }

    @Test
    void channelsEndWithTheConnectionExactlyOnce() {
        b.accept("p", "");
        MuxChannel one = a.open("p", "x", "");
        a.open("q", "y", "");
        exchange(a, b);
        a.open("q", "z", "");
        a.happened();
        b.happened();
        b.channel.close();
        a.channel.close();
        assertThat(a.happened()).containsExactlyInAnyOrder("close p/x DISCONNECTED", "close q/z DISCONNECTED", "end");
        assertThat(b.happened()).containsExactly("close p/x DISCONNECTED", "end");
        assertThat(one.isClosed()).isTrue();
        one.close();
        ByteBuf late = body("late");
        assertThat(one.send(0, late)).isFalse();
        assertThat(late.refCnt()).isZero();
        a.mux.cork();
        a.mux.uncork();
        assertThatThrownBy(() -> a.open("p", "x", "")).isInstanceOf(IllegalStateException.class);
        assertThat(a.mux.failure()).isNull();
    }

    @Test
    void aFailingListenerEndsItsConnection() {
        RuntimeException bug = new IllegalArgumentException("a bug");
        b.mux.onOpen(
                "p",
                request -> request.accept(utf8(""), new Silent() {
                    @Override
                    public void onMessage(MuxChannel channel, int type, ByteBuf body) {
                        throw bug;
                    }
                }));
        b.receive("00010101700178", "010061", "010062");
        assertThat(b.mux.failure()).isSameAs(bug);
        assertThat(b.channel.isOpen()).isFalse();
    }

    @Test
    void longBatchesBecomeSeveralFrames() {
        b.accept("p", "");
        MuxChannel channel = a.open("p", "x", "");
        exchange(a, b);
        b.happened();
        channel.cork();
        String text = "-".repeat(100_000);
        for (int i = 0; i < 7; i++) {
            channel.send(i, body(text));
        }
        channel.uncork();
        List<String> frames = a.sent();
        assertThat(frames).hasSize(3);
        b.receive(frames.toArray(String[]::new));
        assertThat(b.happened())
                .hasSize(7)
                .allSatisfy(event -> assertThat(event).endsWith(text));
    }

    @Test
    void aMessageThatFitsNoFrameIsRefused() {
        MuxChannel channel = a.open("p", "x", "");
        ByteBuf tooLong = a.channel.alloc().directBuffer(17_000_000).writeZero(16_777_190);
        assertThatThrownBy(() -> channel.send(0, tooLong)).isInstanceOf(IllegalArgumentException.class);
        assertThat(tooLong.refCnt()).isZero();
        assertThatThrownBy(() -> channel.send(-1, body(""))).isInstanceOf(IllegalArgumentException.class);
        assertThat(a.sent()).hasSize(1);
        channel.cork();
        channel.send(0, body("small"));
        channel.send(0, a.channel.alloc().directBuffer(16_000_000).writeZero(15 * 1024 * 1024 + 1024));
        channel.send(0, a.channel.alloc().directBuffer(16_000_000).writeZero(15 * 1024 * 1024 + 1024));
        channel.uncork();
        assertThat(a.sent())
                .hasSize(2)
                .allSatisfy(
                        frame -> assertThat(frame.length() / 2).isLessThanOrEqualTo(SecretStreamHandler.MAX_PLAINTEXT));
    }

    @Test
    void listenersHearOfWritabilityAndOfTheEndOfABurst() {
        List<String> heard = new ArrayList<>();
        b.mux.onOpen(
                "p",
                request -> request.accept(utf8(""), new Silent() {
                    @Override
                    public void onMessage(MuxChannel channel, int type, ByteBuf body) {
                        heard.add("message");
                    }

                    @Override
                    public void onReadComplete(MuxChannel channel) {
                        heard.add("complete");
                    }

                    @Override
                    public void onWritabilityChanged(MuxChannel channel) {
                        heard.add("writable " + channel.isWritable());
                    }
                }));
        b.receive("00010101700178", "010061", "010062");
        b.receive("010063");
        b.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        b.channel.runPendingTasks();
        b.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        b.channel.runPendingTasks();
        assertThat(heard)
                .containsExactly(
                        "message", "message", "complete", "message", "complete", "writable false", "writable true");
    }

    @Test
    void aPeerThatOpensWithoutReadingTheAnswersLosesItsConnection() {
        b.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        for (int i = 0; i < MuxPairing.MAX_UNREAD_ANSWERS; i++) {
            b.receive("0001" + "01" + "0170" + "00");
        }
        assertThat(b.mux.failure()).isNull();
        b.receive("0001" + "01" + "0170" + "00");
        assertThat(b.mux.failure()).isInstanceOf(MuxException.class);
    }

    @Test
    void closingInPeaceSendsWhatWasGathered() {
        b.accept("p", "");
        MuxChannel channel = a.open("p", "x", "");
        channel.cork();
        channel.send(0, body("last"));
        a.mux.close();
        assertThat(a.sent()).hasSize(3).first().isEqualTo("00010101700178");
        assertThat(a.channel.isOpen()).isFalse();
        assertThat(a.mux.failure()).isNull();
    }

    /** A listener that does nothing. */
    static class Silent implements MuxChannel.Listener {

        @Override
        public void onOpen(MuxChannel channel, ByteBuf handshake) {}

        @Override
        public void onMessage(MuxChannel channel, int type, ByteBuf body) {}

        @Override
        public void onClose(MuxChannel channel, MuxChannel.CloseReason reason) {}
    }
}

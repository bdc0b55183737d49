package dev.espalier.replicate.mux;

import static dev.espalier.replicate.mux.MuxPeer.body;
import static dev.espalier.replicate.mux.MuxPeer.exchange;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.EspalierException;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class MuxLawsTest {

    @Property(tries = 300)
    void foreignBytesCauseNothingButOurOwnException(@ForAll long seed) {
        Random random = new Random(seed);
        MuxPeer peer = new MuxPeer();
        peer.mux.onOpen("p", request -> {
            if (random.nextBoolean()) {
                request.accept(new byte[0], new MuxTest.Silent());
            }
        });
        peer.open("q", "", "");
        for (int i = 0; i < 20 && peer.channel.isOpen(); i++) {
            byte[] frame = new byte[1 + random.nextInt(12)];
            for (int j = 0; j < frame.length; j++) {
                // Small numbers and the names of protocols, so that something is hit.
                int kind = random.nextInt(12);
                frame[j] = (byte) (kind < 9 ? random.nextInt(4) : kind < 10 ? 'p' : kind < 11 ? 'q' : random.nextInt());
            }
            peer.channel.writeInbound(Unpooled.wrappedBuffer(frame));
            peer.sent();
        }
        if (peer.mux.failure() != null) {
            assertThat(peer.mux.failure()).isInstanceOf(EspalierException.class);
        }
        assertThat(peer.channel.isOpen()).isEqualTo(peer.mux.failure() == null);
        peer.end();
    }

    @Property(tries = 200)
    void messagesArriveOnceInOrderHoweverTheyAreGathered(
            @ForAll @Size(max = 40) List<@IntRange(max = 5000) Integer> steps, @ForAll long seed) {
        Random random = new Random(seed);
        MuxPeer a = new MuxPeer();
        MuxPeer b = new MuxPeer();
        b.accept("p", "");
        MuxChannel[] channels = {a.open("p", "x", ""), a.open("p", "y", ""), a.open("p", "z", "")};
        List<List<String>> sent = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int corks = 0;
        for (int step : steps) {
            int which = random.nextInt(3);
            String text = HexFormat.of().toHexDigits(step) + "-".repeat(step);
            channels[which].send(step % 300, body(text));
            sent.get(which).add("message p/" + "xyz".charAt(which) + " " + step % 300 + " " + text);
            switch (random.nextInt(4)) {
                case 0 -> {
                    a.mux.cork();
                    corks++;
                }
                case 1 -> {
                    if (corks > 0) {
                        a.mux.uncork();
                        corks--;
                    }
                }
                case 2 -> exchange(a, b);
                default -> {}
            }
        }
        for (; corks > 0; corks--) {
            a.mux.uncork();
        }
        exchange(a, b);
        List<String> happened = b.happened();
        for (int which = 0; which < 3; which++) {
            String prefix = "message p/" + "xyz".charAt(which);
            assertThat(happened.stream().filter(event -> event.startsWith(prefix)))
                    .containsExactlyElementsOf(sent.get(which));
        }
        a.end();
        b.end();
    }

    /** Both sides do random things to the same few names; afterwards they agree on what is open. */
    @Property(tries = 500)
    void bothSidesAgreeOnWhatIsOpen(@ForAll long seed) {
        Random random = new Random(seed);
        MuxPeer[] peers = {new MuxPeer(), new MuxPeer()};
        List<List<MuxRequest>> requests = List.of(new ArrayList<>(), new ArrayList<>());
        List<List<MuxChannel>> channels = List.of(new ArrayList<>(), new ArrayList<>());
        for (int side = 0; side < 2; side++) {
            peers[side].mux.onOpen("p", requests.get(side)::add);
        }
        for (int i = 0; i < 60; i++) {
            int side = random.nextInt(2);
            MuxPeer peer = peers[side];
            byte[] id = {(byte) random.nextInt(3)};
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (!peer.mux.isOpen("p", id)) {
                        channels.get(side).add(peer.mux.open("p", id, new byte[0], new MuxTest.Silent()));
                    }
                }
                case 2 -> {
                    if (!channels.get(side).isEmpty()) {
                        channels.get(side)
                                .remove(random.nextInt(channels.get(side).size()))
                                .close();
                    }
                }
                case 3 -> {
                    if (!requests.get(side).isEmpty()) {
                        requests.get(side).remove(0).reject();
                    }
                }
                case 4 -> {
                    MuxRequest request = requests.get(side).isEmpty()
                            ? null
                            : requests.get(side).remove(0);
                    if (request != null && request.isPending()) {
                        channels.get(side).add(request.accept(new byte[0], new MuxTest.Silent()));
                    }
                }
                default -> {
                    // Only one direction, so that the two sides disagree for a while.
                    peers[1 - side].receive(peer.sent().toArray(String[]::new));
                }
            }
        }
        exchange(peers[0], peers[1]);
        for (List<MuxRequest> open : requests) {
            open.forEach(MuxRequest::reject);
        }
        exchange(peers[0], peers[1]);
        for (int side = 0; side < 2; side++) {
            assertThat(peers[side].mux.failure()).isNull();
        }
        for (byte id = 0; id < 3; id++) {
            assertThat(peers[0].mux.isOpen("p", new byte[] {id})).isEqualTo(peers[1].mux.isOpen("p", new byte[] {id}));
        }
    }
}

package dev.espalier.release;

import dev.espalier.merkle.Key;
import org.jspecify.annotations.Nullable;

/** What operations tell of their peers. */
public final class PeerEvents {

    private PeerEvents() {}

    /**
     * Peers can connect.
     *
     * @param host the address bound
     * @param port the real port
     */
    public record Listening(String host, int port) implements Event {
        @Override
        public String tag() {
            return "listening";
        }
    }

    /**
     * A peer is connected.
     *
     * @param key the identity it proved, random for most
     * @param address host and port
     * @param initiator whether the connection was opened from here
     */
    public record PeerAdd(Key key, String address, boolean initiator) implements Event {
        @Override
        public String tag() {
            return "peer-add";
        }
    }

    /**
     * A peer is gone.
     *
     * @param key the identity it had proved
     * @param address host and port
     * @param reason why, null when it went in order
     */
    public record PeerRemove(
            Key key, String address, @Nullable String reason) implements Event {
        @Override
        public String tag() {
            return "peer-remove";
        }
    }

    /**
     * A peer was not let in.
     *
     * @param key the identity it proved
     * @param address host and port
     * @param code stable code of the reason
     * @param message the reason in words
     */
    public record PeerRefused(Key key, String address, String code, String message) implements Event {
        @Override
        public String tag() {
            return "peer-refused";
        }
    }

    /**
     * A peer could not be reached; told once, until it was reached again.
     *
     * @param address host and port
     * @param code stable code of the failure
     * @param message the failure in words
     * @param retrying whether it is tried again
     */
    public record PeerUnreachable(String address, String code, String message, boolean retrying) implements Event {
        @Override
        public String tag() {
            return "peer-unreachable";
        }
    }

    /**
     * Blocks went to a peer.
     *
     * @param key the peer
     * @param blocks blocks it was sent so far over this connection
     * @param bytes bytes of those
     */
    public record Upload(Key key, long blocks, long bytes) implements Event {
        @Override
        public String tag() {
            return "upload";
        }
    }
}

package dev.espalier.replicate.mux;

import java.util.Arrays;
import java.util.HexFormat;

/** Protocol and id of a channel, compared by value; an empty id is the same as none. Takes the array over. */
final class ChannelName {

    private final String protocol;
    private final byte[] id;

    ChannelName(String protocol, byte[] id) {
        this.protocol = protocol;
        this.id = id;
    }

    String protocol() {
        return protocol;
    }

    /** The bytes themselves; not to be changed. */
    byte[] id() {
        return id;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelName that && protocol.equals(that.protocol) && Arrays.equals(id, that.id);
    }

    @Override
    public int hashCode() {
        return 31 * protocol.hashCode() + Arrays.hashCode(id);
    }

    @Override
    public String toString() {
        return id.length == 0 ? protocol : protocol + " " + HexFormat.of().formatHex(id);
    }
}

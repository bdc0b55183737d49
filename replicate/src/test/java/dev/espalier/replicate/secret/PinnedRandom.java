package dev.espalier.replicate.secret;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Random bytes that are known beforehand, for byte-exact streams. */
final class PinnedRandom extends SecureRandom {

    private static final long serialVersionUID = 1L;

    private final transient ByteBuffer bytes;

    PinnedRandom(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        bytes = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            bytes.put(part);
        }
        bytes.flip();
    }

    @Override
    public void nextBytes(byte[] target) {
        bytes.get(target);
    }
}

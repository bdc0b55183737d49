package dev.espalier.cli.holder;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What goes over the local socket.
 *
 * <pre>
 *  0      1        5
 *  +------+--------+---------------------+
 *  | type | length | payload             |
 *  | u8   | u32 LE | length bytes        |
 *  +------+--------+---------------------+
 * </pre>
 *
 * @param type what it is
 * @param payload raw bytes, or a JSON object as UTF-8; not copied
 */
record Frame(Type type, byte[] payload) {

    /** Version of this protocol; sent with each request. */
    static final int VERSION = 1;

    /** Largest payload in bytes. */
    static final int MAX_PAYLOAD = 64 << 20;

    private static final int HEADER = 5;

    /** What a frame is; the position in this list is its number. */
    enum Type {
        REQUEST,
        ACCEPT,
        EVENT,
        PROGRESS,
        OUTPUT,
        ENDED,
        FAILED,
        INPUT,
        INPUT_END
    }

    private static final Type[] TYPES = Type.values();

    static Frame of(Type type, JsonObject json) {
        return new Frame(type, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The payload as JSON object. */
    JsonObject json() throws IOException {
        try {
            return JsonParser.parseString(new String(payload, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IOException("a " + type + " frame holds no JSON object", e);
        }
    }

    /** Reads the next frame; null when the other side closed between two frames. */
    static @Nullable Frame read(SocketChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        if (!fill(channel, header)) {
            return null;
        }
        int type = header.get(0);
        int length = header.getInt(1);
        if (type < 0 || type >= TYPES.length || length < 0 || length > MAX_PAYLOAD) {
            throw new IOException("no frame of this protocol: type " + type + ", length " + length);
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (!fill(channel, payload)) {
            throw new IOException("the connection ended inside a frame");
        }
        return new Frame(TYPES[type], payload.array());
    }

    /** Writes this frame; callers take turns. */
    void write(SocketChannel channel) throws IOException {
        if (payload.length > MAX_PAYLOAD) {
            throw new IOException("a payload of " + payload.length + " bytes is too large");
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) type.ordinal()).putInt(payload.length).flip();
        ByteBuffer[] parts = {header, ByteBuffer.wrap(payload)};
        while (parts[1].hasRemaining() || parts[0].hasRemaining()) {
            channel.write(parts);
        }
    }

    /** Whether the buffer could be filled; false only when nothing came at all. */
    private static boolean fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new IOException("the connection ended inside a frame");
            }
        }
        return true;
    }
}

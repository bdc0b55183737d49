package dev.espalier.cli.holder;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Asks the process that holds a store to do something with it.
 *
 * <p><b>Threading:</b> one thread; {@link #close} may come from any other and ends what is being asked.
 */
public final class HolderClient implements AutoCloseable {

    private final SocketChannel channel;
    private final long pid;

    private HolderClient(SocketChannel channel, long pid) {
        this.channel = channel;
        this.pid = pid;
    }

    /** Takes what the holder tells. */
    public interface Listener {

        /** An event with {@code tag} and {@code data}. */
        void event(JsonObject event);

        /** How far it is. */
        void progress(JsonObject progress);
    }

    /**
     * How it ended.
     *
     * @param success whether it worked
     * @param data the result, or the failure
     */
    public record Answer(boolean success, JsonObject data) {}

    /** Asks the holder of a store; null when nobody answers there, which may change in a moment. */
    public static @Nullable HolderClient ask(Path store, Request request) {
        SocketChannel channel = null;
        try {
            Path socket = HolderAddress.find(store);
            if (socket == null) {
                return null;
            }
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            Frame.of(Frame.Type.REQUEST, request.toJson()).write(channel);
            Frame answer = Frame.read(channel);
            if (answer != null && answer.type() == Frame.Type.FAILED) {
                JsonObject refusal = answer.json();
                throw new EspalierException(
                        refusal.get("code").getAsString(),
                        refusal.get("message").getAsString());
            }
            if (answer != null && answer.type() == Frame.Type.ACCEPT) {
                HolderClient client =
                        new HolderClient(channel, answer.json().get("pid").getAsLong());
                channel = null;
                return client;
            }
            return null;
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        } finally {
            closeQuietly(channel);
        }
    }

    /** The process that holds the store. */
    public long pid() {
        return pid;
    }

    /** Sends what {@code input} gives, on a thread of its own. */
    public void send(InputStream input) {
        Thread pump = new Thread(() -> pump(input), "espalier-input");
        pump.setDaemon(true);
        pump.start();
    }

    /**
     * Waits for the end, passing on what is told.
     *
     * @throws EspalierException {@code ERR_HOLDER_ENDED} when the holder ended before the work did
     */
    public Answer await(Listener listener, OutputStream output) throws IOException {
        while (true) {
            Frame frame;
            try {
                frame = Frame.read(channel);
            } catch (IOException e) {
                throw ended(e);
            }
            if (frame == null) {
                throw ended(null);
            }
            switch (frame.type()) {
                case EVENT -> listener.event(frame.json());
                case PROGRESS -> listener.progress(frame.json());
                case OUTPUT -> output.write(frame.payload());
                case ENDED -> {
                    return new Answer(true, frame.json());
                }
                case FAILED -> {
                    return new Answer(false, frame.json());
                }
                default -> throw ended(new IOException("unexpected " + frame.type() + " frame"));
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private EspalierException ended(@Nullable IOException cause) {
        return new EspalierException(
                "ERR_HOLDER_ENDED",
                "Process " + pid + ", which holds the store and did this work, ended before it was done.",
                cause);
    }

    private void pump(InputStream input) {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                new Frame(Frame.Type.INPUT, Arrays.copyOf(buffer, read)).write(channel);
            }
            new Frame(Frame.Type.INPUT_END, new byte[0]).write(channel);
        } catch (IOException e) {
            // The holder needs no more of it, or is gone, which await will tell.
            return;
        }
    }

    private static void closeQuietly(@Nullable SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Nothing depends on it.
                return;
            }
        }
    }
}

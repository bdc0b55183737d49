package dev.espalier.cli.holder;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The holder's side of one request: what comes in, and where answers go.
 *
 * <p><b>Threading:</b> safe.
 */
public final class Exchange {

    private final SocketChannel channel;
    private final InputPipe input = new InputPipe();
    private @Nullable Runnable hook;
    private boolean gone;

    Exchange(SocketChannel channel) {
        this.channel = channel;
    }

    /** What the other process reads from its standard input. */
    public InputStream input() {
        return input;
    }

    /** What the other process writes to its standard output as it is. */
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                send(new Frame(Frame.Type.OUTPUT, new byte[] {(byte) b}));
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (length > 0) {
                    send(new Frame(Frame.Type.OUTPUT, Arrays.copyOfRange(bytes, offset, offset + length)));
                }
            }
        };
    }

    /** An event; {@code data} has the members {@code tag} and {@code data}. */
    public void event(JsonObject data) throws IOException {
        send(Frame.of(Frame.Type.EVENT, data));
    }

    /** How far it is. */
    public void progress(JsonObject data) throws IOException {
        send(Frame.of(Frame.Type.PROGRESS, data));
    }

    /** It worked. */
    public void ended(JsonObject data) throws IOException {
        send(Frame.of(Frame.Type.ENDED, data));
    }

    /** It did not. */
    public void failed(JsonObject data) throws IOException {
        send(Frame.of(Frame.Type.FAILED, data));
    }

    /** Runs {@code action} once the other process is gone, or the holder ends; at once when that has happened. */
    public void onGone(Runnable action) {
        synchronized (this) {
            if (!gone) {
                hook = action;
                return;
            }
        }
        action.run();
    }

    void accept(long pid) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("pid", pid);
        send(Frame.of(Frame.Type.ACCEPT, json));
    }

    /** Reads what comes until the other side closes. */
    void readInput() {
        try {
            for (Frame frame = Frame.read(channel); frame != null; frame = Frame.read(channel)) {
                switch (frame.type()) {
                    case INPUT -> input.put(frame.payload());
                    case INPUT_END -> input.end();
                    default -> throw new IOException("unexpected " + frame.type() + " frame");
                }
            }
        } catch (IOException e) {
            // Whatever it was, nothing more comes.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            gone();
        }
    }

    void gone() {
        Runnable action;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            action = hook;
        }
        input.fail("the process that asked for this is gone");
        if (action != null) {
            action.run();
        }
    }

    void close() throws IOException {
        input.close();
        channel.close();
    }

    private synchronized void send(Frame frame) throws IOException {
        frame.write(channel);
    }
}

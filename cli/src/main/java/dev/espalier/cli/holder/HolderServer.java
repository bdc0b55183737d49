package dev.espalier.cli.holder;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets other processes of the same person work on the store that this process holds.
 *
 * <p><b>Threading:</b> safe. Each request has a thread of its own.
 */
public final class HolderServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HolderServer.class);
    private static final int MAX_CONNECTIONS = 64;
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path store;
    private final Handler handler;
    private final ServerSocketChannel server;
    private final Set<Exchange> open = new HashSet<>();
    private boolean closing;

    private HolderServer(Path store, Handler handler, ServerSocketChannel server) {
        this.store = store;
        this.handler = handler;
        this.server = server;
    }

    /** Does what is asked. */
    @FunctionalInterface
    public interface Handler {

        /** Does it, telling {@code exchange}, at last that it ended or failed. */
        void handle(Request request, Exchange exchange) throws IOException;
    }

    /**
     * Starts to serve. Only for who holds the lock of the store.
     *
     * @throws IOException when the system has no such sockets, or the place cannot have one
     */
    public static HolderServer start(Path store, Handler handler) throws IOException {
        Path socket = HolderAddress.prepare(store);
        ServerSocketChannel server;
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no local sockets", e);
        }
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        HolderServer holder = new HolderServer(store, handler, server);
        holder.start(holder::acceptAll, "espalier-holder");
        return holder;
    }

    /** Takes no more requests, cancels those that run and waits for them, at most ten seconds. */
    @Override
    public void close() throws IOException {
        Set<Exchange> running;
        synchronized (open) {
            closing = true;
            running = Set.copyOf(open);
        }
        server.close();
        running.forEach(Exchange::gone);
        long end = System.nanoTime() + LINGER_NANOS;
        synchronized (open) {
            long left = end - System.nanoTime();
            while (!open.isEmpty() && left > 0) {
                try {
                    open.wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
                left = end - System.nanoTime();
            }
        }
        HolderAddress.remove(store);
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Exchange exchange = new Exchange(channel);
                if (add(exchange)) {
                    start(() -> serve(channel, exchange), "espalier-request");
                } else {
                    channel.close();
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("cannot take a request from another process: {}", e.getMessage());
                return;
            }
        }
    }

    private boolean add(Exchange exchange) {
        synchronized (open) {
            return !closing && open.size() < MAX_CONNECTIONS && open.add(exchange);
        }
    }

    private void serve(SocketChannel channel, Exchange exchange) {
        try {
            Frame first = Frame.read(channel);
            if (first == null || first.type() != Frame.Type.REQUEST) {
                return;
            }
            Request request;
            try {
                request = Request.of(first.json());
            } catch (IOException e) {
                exchange.failed(refusal(e));
                return;
            }
            exchange.accept(ProcessHandle.current().pid());
            start(exchange::readInput, "espalier-request-input");
            handler.handle(request, exchange);
        } catch (IOException e) {
            LOG.debug("a request from another process ended early: {}", e.getMessage());
        } finally {
            try {
                exchange.close();
            } catch (IOException e) {
                LOG.debug("closing a local connection failed: {}", e.getMessage());
            }
            synchronized (open) {
                open.remove(exchange);
                open.notifyAll();
            }
        }
    }

    private static JsonObject refusal(IOException why) {
        JsonObject json = new JsonObject();
        json.addProperty("code", "ERR_STORE_IN_USE");
        json.addProperty(
                "message",
                "The store is in use by process " + ProcessHandle.current().pid()
                        + ", another version of espalier, which cannot do this: " + why.getMessage() + ".");
        return json;
    }

    private void start(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}

package dev.espalier.bench;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogDownload;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.Replication;
import dev.espalier.replicate.ReplicationOptions;
import dev.espalier.replicate.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One of two processes whose replication is measured; {@code bench/replication} runs both, and JavaScript peers in their
 * places.
 *
 * <pre>
 * ReplicationPeer serve FOLDER BLOCKS BLOCK_BYTES      prints PORT KEY, serves until its input ends
 * ReplicationPeer fetch FOLDER PORT KEY ROUNDS         prints a line for each round, every one into a new store
 * </pre>
 *
 * <p>{@code -Despalier.bench.transport=TRUSTED}, for both, leaves the encryption out.
 */
public final class ReplicationPeer {

    private static final int BATCH = 1024;

    private ReplicationPeer() {}

    /** See the class. */
    public static void main(String[] args) throws IOException {
        String transport = System.getProperty("espalier.bench.transport", Transport.ENCRYPTED.name());
        ReplicationOptions options = ReplicationOptions.defaults().withTransport(Transport.valueOf(transport));
        if (args.length == 4 && args[0].equals("serve")) {
            serve(options, Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        } else if (args.length == 5 && args[0].equals("fetch")) {
            for (int round = 1; round <= Integer.parseInt(args[4]); round++) {
                Path folder = Path.of(args[1]).resolve("round" + round);
                System.out.println(fetch(options, folder, Integer.parseInt(args[2]), Key.parse(args[3])));
                Scratch.delete(folder);
            }
        } else {
            throw new IllegalArgumentException("serve FOLDER BLOCKS BLOCK_BYTES, or fetch FOLDER PORT KEY ROUNDS");
        }
    }

    private static void serve(ReplicationOptions options, Path folder, int blocks, int blockBytes) throws IOException {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("replication");
                Replication server = Replication.listen(store, loopback(0), options)) {
            fill(log, blocks, blockBytes);
            System.out.println(server.address().getPort() + " " + log.key());
            while (System.in.read() >= 0) {
                // Whoever started this closes it.
            }
        }
    }

    static void fill(Log log, int blocks, int blockBytes) {
        while (log.length() < blocks) {
            List<ByteBuffer> batch = new ArrayList<>();
            for (long i = log.length(); i < blocks && batch.size() < BATCH; i++) {
                byte[] block = new byte[blockBytes];
                for (int j = 0; j < blockBytes; j++) {
                    block[j] = (byte) (131 * i + 7L * j);
                }
                batch.add(ByteBuffer.wrap(block));
            }
            log.append(batch);
        }
    }

    /** Fetches a whole log into a new store and says how fast that was. */
    static String fetch(ReplicationOptions options, Path folder, int port, Key key) {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log(key);
                Replication client = Replication.connect(store, loopback(port), options)) {
            while (log.length() == 0) {
                log.update(Duration.ofSeconds(10));
            }
            long begun = System.nanoTime();
            try (LogDownload download = log.fetch(Blocks.range(0, log.length()))) {
                download.done().join();
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            return String.format(
                    Locale.ROOT,
                    "%d blocks, %.2f s, %.0f blocks/s, %.1f MB/s, %.0f wire bytes a block beyond it",
                    log.length(),
                    seconds,
                    log.length() / seconds,
                    log.byteLength() / seconds / 1e6,
                    (client.traffic().wireBytesIn() - log.byteLength()) / (double) log.length());
        }
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}

package dev.espalier.bench;

import dev.espalier.log.Blocks;
import dev.espalier.log.Log;
import dev.espalier.log.LogDownload;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.replicate.Replication;
import dev.espalier.replicate.ReplicationMetrics;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How much memory a process needs to serve many connected peers; {@code bench/many-peers} runs both halves.
 *
 * <pre>
 * ManyPeers serve FOLDER PEERS                 prints PORT KEY; a line of numbers when all have come, and when all have
 *                                              the block that it then appends; ends with its input
 * ManyPeers join FOLDER PORT KEY PEERS         that many stores fetch all blocks, wait for one more, and stay
 * </pre>
 *
 * <p>Each peer is a store of its own with its own connection, as one on another machine would be.
 */
public final class ManyPeers {

    private static final int BLOCKS = 256;
    private static final int BLOCK_BYTES = 4096;

    private ManyPeers() {}

    /** See the class. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 3 && args[0].equals("serve")) {
            serve(Path.of(args[1]), Integer.parseInt(args[2]));
        } else if (args.length == 5 && args[0].equals("join")) {
            join(Path.of(args[1]), Integer.parseInt(args[2]), Key.parse(args[3]), Integer.parseInt(args[4]));
        } else {
            throw new IllegalArgumentException("serve FOLDER PEERS, or join FOLDER PORT KEY PEERS");
        }
    }

    private static void serve(Path folder, int peers) throws IOException, InterruptedException {
        try (LogStore store = LogStore.open(folder);
                Log log = store.log("many");
                Replication server = Replication.listen(store, ReplicationPeer.loopback(0))) {
            ReplicationPeer.fill(log, BLOCKS, BLOCK_BYTES);
            System.out.println(server.address().getPort() + " " + log.key());
            System.err.println(report("alone", server.metrics()));
            untilServed(server.metrics(), (long) peers * BLOCKS);
            System.err.println(report("all have everything", server.metrics()));
            log.append(new byte[BLOCK_BYTES]);
            untilServed(server.metrics(), (long) peers * (BLOCKS + 1));
            System.err.println(report("all have what was appended", server.metrics()));
            while (System.in.read() >= 0) {
                // Whoever started this closes it.
            }
        }
    }

    private static void untilServed(ReplicationMetrics metrics, long blocks) throws InterruptedException {
        while (metrics.traffic().blocks().blocksOut() < blocks) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static String report(String when, ReplicationMetrics metrics) throws IOException {
        long before = used();
        System.gc();
        long direct = 0;
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        return String.format(
                Locale.ROOT,
                "%s: %d peers, heap %.1f MB in use (%.1f MB with garbage), direct %.1f MB, resident %s, %d blocks out",
                when,
                metrics.peers(),
                used() / 1e6,
                before / 1e6,
                direct / 1e6,
                resident(),
                metrics.traffic().blocks().blocksOut());
    }

    private static long used() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** What the system says that the process occupies: now and at most. Linux only. */
    private static String resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return "unknown";
        }
        StringBuilder found = new StringBuilder();
        for (String line : Files.readAllLines(status, StandardCharsets.US_ASCII)) {
            if (line.startsWith("VmRSS") || line.startsWith("VmHWM") || line.startsWith("RssFile")) {
                found.append(found.length() == 0 ? "" : ", ").append(line.replaceAll("\\s+", " "));
            }
        }
        return found.toString();
    }

    private static void join(Path folder, int port, Key key, int peers) throws IOException {
        List<AutoCloseable> open = new ArrayList<>();
        List<Log> logs = new ArrayList<>();
        for (int i = 0; i < peers; i++) {
            LogStore store = LogStore.open(folder.resolve("peer" + i));
            Replication client = Replication.connect(store, ReplicationPeer.loopback(port));
            open.add(client);
            open.add(store);
            logs.add(store.log(key));
        }
        logs.forEach(log -> fetch(log, 0, BLOCKS));
        System.out.println(peers + " peers have everything");
        logs.forEach(log -> fetch(log, BLOCKS, BLOCKS + 1));
        System.out.println(peers + " peers have what was appended");
        while (System.in.read() >= 0) {
            // Whoever started this closes it.
        }
        Runtime.getRuntime().halt(0);
    }

    private static void fetch(Log log, long start, long end) {
        while (log.length() < end) {
            log.update(Duration.ofSeconds(10));
        }
        try (LogDownload download = log.fetch(Blocks.range(start, end))) {
            download.done().join();
        }
    }
}

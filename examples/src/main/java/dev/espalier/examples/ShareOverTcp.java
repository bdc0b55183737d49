package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.espalier.drive.Drive;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.log.LogStore;
import dev.espalier.replicate.Replication;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/** Two stores in one program: one serves a drive, the other fetches it with nothing but its key. */
public final class ShareOverTcp {

    private ShareOverTcp() {}

    /** Keeps its two stores and what it fetched in the folder {@code args[0]}, {@code espalier-data} by default. */
    public static void main(String[] args) {
        Path folder = Path.of(args.length > 0 ? args[0] : "espalier-data");
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        // region share
        try (LogStore mine = LogStore.open(folder.resolve("mine"));
                LogStore theirs = LogStore.open(folder.resolve("theirs"));
                Replication server = Replication.listen(mine, anyPort);
                Replication client = Replication.connect(theirs, server.address())) {
            Drive site = Drive.open(mine, "site");
            site.put("/index.html", "<h1>Espalier</h1>".getBytes(UTF_8));

            Drive copy = Drive.open(theirs, site.key()); // the key is all that the reader needs
            copy.update(Duration.ofSeconds(10));
            byte[] page = copy.get("/index.html"); // waits for the blocks, verifies them, keeps them
            System.out.println(new String(page, UTF_8));

            site.put("/about.html", "<p>A fruit tree trained flat.</p>".getBytes(UTF_8));
            while (copy.version() < site.version()) { // until the news has come over the wire
                copy.update(Duration.ofSeconds(10));
            }
            Mirror.from(copy).to(LocalFolder.of(folder.resolve("site"))).run(op -> System.out.println(op.path()));
            System.out.println(client.traffic().blocks().blocksIn() + " blocks came over the wire");
        }
        // endregion
    }
}

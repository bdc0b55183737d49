package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.espalier.log.Durability;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import java.nio.file.Path;
import java.util.List;

/** Appends to a log and reads it back; run twice, it goes on where it ended. */
public final class AppendAndRead {

    private AppendAndRead() {}

    /** Keeps its store in the folder {@code args[0]}, {@code espalier-data} by default. */
    public static void main(String[] args) {
        Path folder = Path.of(args.length > 0 ? args[0] : "espalier-data");
        // region append-and-read
        try (LogStore store = LogStore.open(folder)) {
            Log log = store.log("events"); // made on first use; its keys follow from the store's primary key
            log.append(UTF_8.encode("sown"));
            log.append(List.of(UTF_8.encode("grafted"), UTF_8.encode("pruned")), Durability.FULL); // all or nothing

            byte[] copy = log.get(0);
            System.out.println(new String(copy, UTF_8));
            // Without a copy: a view of the mapped file, valid inside the call.
            log.read(2, block -> System.out.println(UTF_8.decode(block)));
            System.out.println(log.id() + ": " + log.length() + " blocks, tree hash " + log.treeHash());
        }
        // endregion
    }
}

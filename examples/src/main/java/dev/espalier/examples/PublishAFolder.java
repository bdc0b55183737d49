package dev.espalier.examples;

import dev.espalier.drive.Drive;
import dev.espalier.drive.Entry;
import dev.espalier.drive.LocalFolder;
import dev.espalier.drive.Mirror;
import dev.espalier.drive.MirrorResult;
import dev.espalier.log.LogStore;
import java.nio.file.Path;

/** Makes a drive like a folder on disk; run again, it stores what changed since. */
public final class PublishAFolder {

    private PublishAFolder() {}

    /** {@code args[0]} is the folder to publish, {@code args[1]} that of the store ({@code espalier-data} by default). */
    public static void main(String[] args) {
        if (args.length == 0) {
            throw new IllegalArgumentException("name the folder to publish");
        }
        Path folder = Path.of(args[0]);
        Path storage = Path.of(args.length > 1 ? args[1] : "espalier-data");
        // region publish
        try (LogStore store = LogStore.open(storage);
                Drive drive = Drive.open(store, "site")) {
            long before = drive.version();
            MirrorResult result = Mirror.from(LocalFolder.of(folder)).to(drive).run();
            System.out.println(result.files() + " files, " + result.added() + " added, " + result.changed()
                    + " changed, " + result.removed() + " removed");

            for (Entry entry : drive.list("/")) {
                System.out.println(entry.path() + " " + drive.size(entry));
            }
            for (Drive.Change change : drive.diff(before)) {
                System.out.println("since version " + before + ": " + change.path());
            }
            System.out.println("pear://" + drive.id() + " is at version " + drive.version());
        }
        // endregion
    }
}

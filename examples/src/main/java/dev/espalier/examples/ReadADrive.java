package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.log.LogStore;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Reads a version of a drive with {@code java.nio.file}, as code does that knows nothing of drives. */
public final class ReadADrive {

    private ReadADrive() {}

    /** {@code args[0]} is the folder of the store. */
    public static void main(String[] args) throws IOException {
        Path storage = Path.of(args.length > 0 ? args[0] : "espalier-data");
        // region read
        try (LogStore store = LogStore.open(storage);
                Drive drive = Drive.open(store, "site")) {
            drive.put("/index.html", "<h1>sown</h1>".getBytes(UTF_8)).put("/lib/a.js", "1".getBytes(UTF_8));
            DriveCheckout first = drive.checkout(drive.version());
            drive.put("/index.html", "<h1>grafted</h1>".getBytes(UTF_8));

            try (FileSystem files = first.fileSystem();
                    Stream<Path> all = Files.walk(files.getPath("/"))) {
                all.filter(Files::isRegularFile).forEach(System.out::println);
                System.out.println(Files.readString(files.getPath("index.html")));
            }
        }
        // endregion
    }
}

package dev.espalier.release;

import com.google.gson.annotations.SerializedName;
import dev.espalier.drive.Drive;
import dev.espalier.drive.DriveCheckout;
import dev.espalier.drive.DrivePath;
import dev.espalier.drive.Entry;
import dev.espalier.drive.ListOptions;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import org.jspecify.annotations.Nullable;

/** Tells what is in a folder of a drive, or of one of its versions, without fetching any file. */
public final class DriveList {

    private DriveList() {}

    /**
     * What to list.
     *
     * @param path a folder or file
     * @param checkout the version; null for the link's, or the newest
     * @param recursive whether to list what is in the folders of the folder, instead of these
     * @param network peers to ask
     */
    public record Options(String path, @Nullable Long checkout, boolean recursive, NetworkOptions network) {

        /** Checks the path and the version. */
        public Options {
            boolean root = path.chars().allMatch(c -> c == '/');
            path = root ? "/" : DrivePath.normalize(path);
            if (checkout != null && checkout < 0) {
                throw new EspalierException("ERR_INVALID_INPUT", "A version is 0 or more, not " + checkout + ".");
            }
        }
    }

    /** What a path may be. */
    public enum Type {
        /** A file. */
        @SerializedName("file")
        FILE,
        /** A symbolic link. */
        @SerializedName("link")
        LINK,
        /** A folder; only told where its entries are not. */
        @SerializedName("folder")
        FOLDER
    }

    /**
     * One of them, in the order of the bytes of their paths.
     *
     * @param path whole path
     * @param type what it is
     * @param size bytes of a file; 0 for all else
     * @param executable whether a file may be run
     * @param linkname what a link says; null for all else
     */
    public record Listed(
            String path,
            Type type,
            long size,
            boolean executable,
            @Nullable String linkname) implements Event {
        @Override
        public String tag() {
            return "entry";
        }
    }

    /**
     * What was told.
     *
     * @param link the version that was listed
     * @param entries how many files, links and folders were told
     * @param bytes of the files that were told
     */
    public record Result(Link link, long entries, long bytes) {}

    static Result run(LogStore store, Link link, Options options, Steps steps) {
        Key key = link.requireDrive().key();
        Network.requireSomebody(store, key, options.network());
        try (Drive drive = Drive.open(store, key);
                Network network = Network.open(steps, store, options.network())) {
            long version = LinkVersion.learn(link, options.checkout(), drive, network, steps);
            Lister lister = new Lister(drive.checkout(version), options, steps);
            lister.list();
            return new Result(Link.of(key, drive.fork(), version), lister.entries, lister.bytes);
        }
    }

    /** One run. */
    private static final class Lister {

        private final DriveCheckout view;
        private final Options options;
        private final Steps steps;
        private long entries;
        private long bytes;

        Lister(DriveCheckout view, Options options, Steps steps) {
            this.view = view;
            this.options = options;
            this.steps = steps;
        }

        void list() {
            String path = options.path();
            Entry exact = path.equals("/") ? null : view.entry(path);
            if (exact != null) {
                tell(exact);
            }
            String folder = path.endsWith("/") ? path : path + "/";
            for (Entry entry : view.list(path, options.recursive() ? ListOptions.ALL : ListOptions.SHALLOW)) {
                steps.checkCancelled();
                // A folder is shown as its first entry.
                int slash = options.recursive() ? -1 : entry.path().indexOf('/', folder.length());
                if (slash < 0) {
                    tell(entry);
                } else {
                    emit(new Listed(entry.path().substring(0, slash), Type.FOLDER, 0, false, null));
                }
            }
            if (entries == 0 && !path.equals("/")) {
                throw new EspalierException(
                        "ERR_NOT_FOUND", "There is nothing at " + path + " in version " + view.version() + ".");
            }
        }

        private void tell(Entry entry) {
            boolean link = entry.isLink();
            emit(new Listed(
                    entry.path(),
                    link ? Type.LINK : Type.FILE,
                    view.size(entry),
                    entry.executable(),
                    link ? entry.linkname() : null));
        }

        private void emit(Listed one) {
            entries++;
            bytes += one.size();
            steps.emit(one);
        }
    }
}

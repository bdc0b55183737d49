package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import org.jspecify.annotations.Nullable;

/** Which version of a drive a link means (release specification §1). Stateless. */
final class LinkVersion {

    private LinkVersion() {}

    /**
     * Learns the version from peers where it is not known here, and fetches all entries of it.
     *
     * @param chosen the version to take instead of the link's; null for the link's
     * @return the version, 1 or more
     * @throws EspalierException {@code ERR_NOT_FOUND} for a version that the drive does not have, or no longer, {@code
     *     ERR_INVALID_LINK} when it hashes to something else than the link says
     */
    static long learn(Link link, @Nullable Long chosen, Drive drive, Network network, Steps steps) {
        Log db = drive.db();
        Link.Version wanted = link.requireDrive().version();
        long asked = chosen != null ? chosen : wanted == null ? 0 : wanted.length();
        if (asked == 0 || asked > db.length()) {
            network.update(db, db.length() == 0 ? 1 : 0);
        }
        if (wanted != null && wanted.length() > 0) {
            checkFork(link, db);
        }
        if (asked > db.length()) {
            throw new EspalierException(
                    "ERR_NOT_FOUND", "Version " + asked + " is not known; the drive has " + db.length() + ".");
        }
        if (db.length() == 0) {
            throw new EspalierException("ERR_NOT_FOUND", "Nothing was ever staged to " + link + ".");
        }
        long version = asked == 0 ? db.length() : asked;
        LogFetch.range(db, 0, version, network, steps);
        checkTreeHash(link, db, version);
        return version;
    }

    /** Refuses a link that means another fork than the drive is at. */
    static void checkFork(Link link, Log db) {
        Link.Version wanted = link.requireDrive().version();
        if (wanted != null && wanted.fork() != db.fork()) {
            throw new EspalierException(
                    "ERR_NOT_FOUND",
                    "The link means fork " + wanted.fork() + ", but the drive is at fork " + db.fork()
                            + ": it was truncated since.");
        }
    }

    /** Refuses a link that names another tree hash than {@code version} of the drive, which must be held, has. */
    static void checkTreeHash(Link link, Log db, long version) {
        Hash expected = link.requireDrive().treeHash();
        if (expected != null && !db.treeHash(version).equals(expected)) {
            throw new EspalierException(
                    "ERR_INVALID_LINK",
                    "The link names another tree hash than version " + version + " of the drive has.");
        }
    }
}

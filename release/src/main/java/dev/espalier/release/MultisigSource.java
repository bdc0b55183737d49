package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import org.jspecify.annotations.Nullable;

/**
 * What is to become production: the provision drive, or a single log; and what is asked of it (release specification
 * §4.5).
 *
 * <p><b>Threading:</b> belongs to the thread of the operation.
 */
final class MultisigSource implements AutoCloseable {

    private final @Nullable Drive drive;
    private final Log db;
    private final Network network;
    private final Seeders seeders;
    private final Steps steps;

    private MultisigSource(@Nullable Drive drive, Log db, Network network, Seeders seeders, Steps steps) {
        this.drive = drive;
        this.db = db;
        this.network = network;
        this.seeders = seeders;
        this.steps = steps;
    }

    static MultisigSource open(
            LogStore store, Key key, boolean isDrive, Network network, Seeders seeders, Steps steps) {
        if (!isDrive) {
            return new MultisigSource(null, store.log(key), network, seeders, steps);
        }
        Drive drive = Drive.open(store, key);
        return new MultisigSource(drive, drive.db(), network, seeders, steps);
    }

    /** The log, or the database of the drive. */
    Log db() {
        return db;
    }

    /** The drive. */
    Drive drive() {
        if (drive == null) {
            throw new IllegalStateException("the source is a single log");
        }
        return drive;
    }

    /** Asks peers for the newest head. */
    void learn() {
        if (!db.writable()) {
            network.update(db, 0);
        }
    }

    /**
     * Fetches all entries of the drive at a length, and learns of its bytes what that length needs.
     *
     * @return number of blocks of bytes that it needs
     * @throws EspalierException {@code SOURCE_CORE_TOO_SMALL}
     */
    long learnBlobs(long length) {
        LogFetch.range(db, 0, length, network, steps);
        long needed = drive().blobsLength(length);
        Log blobs = drive().blobs();
        if (!blobs.writable() && blobs.length() < needed) {
            network.update(blobs, 0);
        }
        return needed;
    }

    /**
     * Waits for a length.
     *
     * @throws EspalierException {@code SOURCE_CORE_TOO_SMALL}
     */
    void requireLength(Log log, String name, long length) {
        if (!seeders.reaches(log, length)) {
            throw new EspalierException(
                    "SOURCE_CORE_TOO_SMALL",
                    "The source's " + name + " has " + log.length() + " blocks, not " + length
                            + "; check the length, and that the provision link is seeded.");
        }
    }

    /**
     * Waits for enough peers that hold all of a log.
     *
     * @throws EspalierException {@code SOURCE_CORE_INSUFFICIENT_PEERS}, {@code SOURCE_CORE_NOT_FULLY_SEEDED}
     */
    void requireSeeders(Log log, String name) {
        if (!seeders.hasPeers(log)) {
            throw new EspalierException(
                    "SOURCE_CORE_INSUFFICIENT_PEERS",
                    "The source's " + name + " is not well seeded (" + seeders.peers(log) + "/" + seeders.needed()
                            + " peers); seed the provision link on more machines.");
        }
        if (!seeders.isFullySeeded(log)) {
            throw new EspalierException(
                    "SOURCE_CORE_NOT_FULLY_SEEDED",
                    "The source's " + name + " is not yet fully downloaded by sufficient seeders ("
                            + seeders.fullCopies(log) + "/" + seeders.needed()
                            + "); wait, or seed the provision link on more machines.");
        }
    }

    /** The tree hash at a length; its last block is fetched when nodes are missing, which brings them. */
    Hash treeHash(Log log, long length) {
        if (length > 0 && length < log.length()) {
            LogFetch.range(log, length - 1, length, network, steps);
        }
        return log.treeHash(length);
    }

    @Override
    public void close() {
        if (drive != null) {
            drive.close();
        } else {
            db.close();
        }
    }
}

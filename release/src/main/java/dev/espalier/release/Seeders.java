package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.replicate.LogPeerInfo;
import dev.espalier.replicate.Replication;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Counts the peers of a log, and those who hold all of it (release specification §4.5). A peer that is connected twice
 * counts once, as do several operations of one store; this store never counts.
 *
 * <p><b>Threading:</b> belongs to the thread of the operation.
 */
final class Seeders {

    private static final Duration POLL = Duration.ofMillis(100);

    private final LogStore store;
    private final Steps steps;
    private final SeedingRule rule;

    Seeders(LogStore store, Steps steps, SeedingRule rule) {
        this.store = store;
        this.steps = steps;
        this.rule = rule;
    }

    /** How many are needed. */
    int needed() {
        return rule.minPeers();
    }

    /** Peers that have the log open. */
    int peers(Log log) {
        return (int) Replication.peersOf(store, log).stream()
                .map(LogPeerInfo::publicKey)
                .distinct()
                .count();
    }

    /** Peers that hold each block that the log has now. */
    int fullCopies(Log log) {
        long length = log.length();
        long fork = log.fork();
        return (int) Replication.peersOf(store, log).stream()
                .filter(peer -> peer.fork() == fork && peer.contiguousLength() == length)
                .map(LogPeerInfo::publicKey)
                .distinct()
                .count();
    }

    /** Peers that hold all entries and all bytes of a drive; waits for enough of them, as long as the rule allows. */
    int fullCopies(Drive drive, Network network) {
        isFullySeeded(drive.db());
        int full = fullCopies(drive.db());
        if (full > 0 && drive.contentKey().isPresent()) {
            Log blobs = drive.blobs();
            network.update(blobs, 0);
            isFullySeeded(blobs);
            full = Math.min(full, fullCopies(blobs));
        }
        return full;
    }

    /** Waits for enough peers, as long as the rule allows. */
    boolean hasPeers(Log log) {
        return within(() -> peers(log) >= rule.minPeers());
    }

    /** Waits for enough full copies, as long as the rule allows. */
    boolean isFullySeeded(Log log) {
        return within(() -> fullCopies(log) >= rule.minPeers());
    }

    /** Waits for a length, as long as the rule allows. */
    boolean reaches(Log log, long length) {
        return within(() -> log.length() >= length);
    }

    private boolean within(BooleanSupplier condition) {
        long deadline = System.nanoTime() + rule.timeout().toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            steps.pause(POLL);
            steps.checkCancelled();
        }
        return true;
    }

    /** Waits for enough full copies, however long it takes; {@code tell} hears each new number. */
    void awaitFullCopies(Log log, IntConsumer tell) {
        int told = -1;
        while (true) {
            int full = fullCopies(log);
            if (full != told) {
                told = full;
                tell.accept(full);
            }
            if (full >= rule.minPeers()) {
                return;
            }
            steps.pause(POLL);
            steps.checkCancelled();
        }
    }
}

package dev.espalier.release;

import dev.espalier.drive.Drive;
import dev.espalier.drive.Entry;
import dev.espalier.merkle.EspalierException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which lengths of a drive's database are versions: those at which a batch ended. At others the tree is a fragment, and
 * nothing in the blocks says so; but it then holds other files than the history up to there makes.
 *
 * <p><b>Threading:</b> stateless.
 */
final class DriveVersions {

    /** Versions offered on either side. */
    private static final int OFFERED = 3;

    /** Trees compared in full while looking for them. */
    private static final int TRIES = 32;

    /** Versions just before the newest one that are tried first when the one before is looked for. */
    private static final int TAIL = 4;

    private DriveVersions() {}

    /**
     * The version before the newest one, as far as it can be told: one of the last few lengths, or one at which a
     * package.json was the last that was written, as it is in a deployment folder. Reads all entries.
     *
     * @return the version; 1, which holds nothing, when none was found
     */
    static long before(Drive drive) {
        long length = drive.db().length();
        List<Long> tries = new ArrayList<>();
        for (Drive.HistoryItem item : drive.history(1, length)) {
            if (item.path().equals("/package.json")) {
                tries.add(item.seq() + 1);
            }
        }
        // A change later than the newest package.json shows in the tail, or behind it.
        tries.removeIf(version -> version >= length - TAIL);
        for (long version = Math.max(1, length - TAIL); version < length; version++) {
            tries.add(version);
        }
        Collections.reverse(tries);
        return tries.stream()
                .limit(2 * TAIL)
                .filter(version -> isVersion(drive, version))
                .findFirst()
                .orElse(1L);
    }

    /**
     * Refuses what a drive cannot go back to.
     *
     * @throws EspalierException {@code BAD_ARGUMENT} beyond the present version, or inside a batch, naming versions near it
     */
    static void require(Drive drive, long version) {
        long length = drive.db().length();
        if (version < 0 || version > length) {
            throw new EspalierException(
                    "BAD_ARGUMENT",
                    "Cannot go back to version " + version + ": the drive has " + length + " versions, from 0 on.");
        }
        if (!isVersion(drive, version)) {
            List<Long> near = new ArrayList<>();
            int tries = TRIES;
            for (long v = version - 1; v >= 1 && near.size() < OFFERED && tries > 0; v--) {
                tries -= offer(drive, v, near);
            }
            Collections.reverse(near);
            int below = near.size();
            tries = TRIES;
            for (long v = version + 1; v <= length && near.size() < below + OFFERED && tries > 0; v++) {
                tries -= offer(drive, v, near);
            }
            throw new EspalierException(
                    "BAD_ARGUMENT",
                    "Version " + version
                            + " is in the midst of a batch, where there is no tree to be read; whole are, near"
                            + " it: " + near.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ".");
        }
    }

    /** Adds {@code version} if it is one; returns the trees that had to be compared for that. */
    private static int offer(Drive drive, long version, List<Long> near) {
        if (!hasRoot(drive, version)) {
            return 0;
        }
        if (isVersion(drive, version)) {
            near.add(version);
        }
        return 1;
    }

    private static boolean hasRoot(Drive drive, long version) {
        try {
            // Whether anything is in it does not matter, as long as one can look.
            Iterator<Entry> entries = drive.checkout(version).list("/").iterator();
            if (entries.hasNext()) {
                entries.next();
            }
            return true;
        } catch (EspalierException e) {
            if (e.code().equals("ERR_NOT_FOUND")) {
                return false;
            }
            throw e;
        }
    }

    /** Whether the tree at {@code version} holds what was put and not deleted until then. */
    static boolean isVersion(Drive drive, long version) {
        if (version <= 1) {
            return true;
        }
        Map<String, Long> expected = new HashMap<>();
        for (Drive.HistoryItem item : drive.history(1, version)) {
            if (item.entry() == null) {
                expected.remove(item.path());
            } else {
                expected.put(item.path(), item.seq());
            }
        }
        try {
            for (Entry entry : drive.checkout(version).list("/")) {
                Long seq = expected.remove(entry.path());
                if (seq == null || seq != entry.seq()) {
                    return false;
                }
            }
        } catch (EspalierException e) {
            if (e.code().equals("ERR_NOT_FOUND") || e.code().equals("ERR_CORRUPT")) {
                return false;
            }
            throw e;
        }
        return expected.isEmpty();
    }
}

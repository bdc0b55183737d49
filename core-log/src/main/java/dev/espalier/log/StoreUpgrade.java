package dev.espalier.log;

import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the folder of an older store to the version of this library, before anything of it but the {@code store} file is
 * read: one version at a time, each by a step of its own. The {@code store} file says which version the folder has, and is
 * replaced when a step is done; a step that was interrupted is done once more by the next opening.
 *
 * <p>Who raises {@link FileHeader#VERSION} adds the step that leads to it at the end of {@link #STEPS}, and a fixture of
 * the new version to the tests.
 */
final class StoreUpgrade {

    private static final Logger LOG = LoggerFactory.getLogger(StoreUpgrade.class);

    /** Version 1 is the first: nothing leads to it. */
    private static final List<Step> STEPS = List.of();

    private StoreUpgrade() {}

    /** Makes the files of a store of one version those of the next, durably. Must bear being done twice. */
    interface Step {
        void run(Storage storage, Path store);
    }

    /** The version that the steps lead to. */
    static int target() {
        return STEPS.size() + 1;
    }

    /** Upgrades the store in a folder if it is older. */
    static void run(Storage storage, Path store) {
        run(storage, store, STEPS);
    }

    /** The same with other steps; {@code steps.get(0)} leads from version 1 to 2. */
    static void run(Storage storage, Path store, List<Step> steps) {
        Path file = StoreFile.file(store);
        byte[] all = storage.read(file, FileHeader.BYTES + RecordFile.MAX_PAYLOAD);
        if (all == null || all.length < FileHeader.BYTES) {
            return; // A new store, or damage, which whoever reads the file reports.
        }
        for (int version = FileHeader.version(all); version > 0 && version <= steps.size(); version++) {
            LOG.info("Upgrading the store {} from version {} of its format", store, version);
            steps.get(version - 1).run(storage, store);
            storage.replace(file, FileHeader.withVersion(all, version + 1), true);
        }
    }
}

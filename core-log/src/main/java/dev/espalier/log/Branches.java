package dev.espalier.log;

import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.TreeHead;
import dev.espalier.merkle.TreeNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The branches of a log, open or not.
 *
 * <p><b>Threading:</b> any thread; each method takes the log's write lock, so that the log is not cut meanwhile.
 */
final class Branches {

    private static final Logger LOG = LoggerFactory.getLogger(Branches.class);

    private final LogOpener opener;
    private final Storage storage;
    private final LogCore log;
    private final Map<String, BranchCore> open = new HashMap<>();

    Branches(LogOpener opener, LogCore log) {
        this.opener = opener;
        this.storage = opener.storage();
        this.log = log;
    }

    /** Deletes what is left of the branches of a log that is not there any more. */
    static void deleteAll(Storage storage, LogFolder log) {
        Path folder = BranchFile.folder(log);
        for (String entry : storage.list(folder)) {
            BranchFile.delete(storage, folder.resolve(entry));
            deleteOthers(storage, folder.resolve(entry), 0);
            deleteIfEmpty(storage, folder.resolve(entry));
        }
        deleteIfEmpty(storage, folder);
    }

    private static void deleteIfEmpty(Storage storage, Path folder) {
        if (storage.list(folder).isEmpty()) {
            storage.delete(folder);
        }
    }

    /** Work under the log's write lock. */
    private interface Work<T extends @Nullable Object> {
        T run();
    }

    private <T extends @Nullable Object> T locked(Work<T> work) {
        log.writing().lock();
        try {
            log.checkOpen();
            return work.run();
        } finally {
            log.writing().unlock();
        }
    }

    /** A handle more on the branch of this name; one that is not there begins at the log's head. */
    BranchCore open(String name) {
        return locked(() -> {
            BranchCore branch = find(name);
            if (branch == null) {
                branch = begin(name, 1, headAt(log.head().length(), log.head().fork()));
            }
            branch.acquire();
            return branch;
        });
    }

    /** A handle on a new branch, in place of the one that has the name. */
    BranchCore restart(String name, long length) {
        return locked(() -> {
            TreeHead head = log.head();
            if (length < 0 || length > head.length()) {
                throw new EspalierException(
                        "BAD_ARGUMENT",
                        "A branch of log " + log.key() + " cannot begin at " + length + ", it has " + head.length()
                                + " blocks.");
            }
            LogWriter.checkPrologue(log, length);
            TreeHead base = headAt(length, head.fork());
            BranchCore old = open.remove(name);
            if (old != null) {
                old.own().closeFiles();
            }
            BranchFile known = BranchFile.read(storage, log.folder(), BranchFile.folder(log.folder(), name));
            BranchCore branch = begin(name, known == null ? 1 : known.generation() + 1, base);
            branch.acquire();
            return branch;
        });
    }

    /** Gives a handle back; the last one closes the branch. */
    void release(BranchCore branch) {
        log.writing().lock();
        try {
            if (branch.release() && open.remove(branch.name(), branch)) {
                branch.own().closeFiles();
            }
        } finally {
            log.writing().unlock();
        }
    }

    List<String> names() {
        return locked(() -> files().stream().map(BranchFile::name).sorted().toList());
    }

    /** Forgets a branch; false when there is none. */
    boolean delete(String name) {
        return locked(() -> {
            BranchCore branch = open.remove(name);
            if (branch != null) {
                branch.own().closeFiles();
            }
            Path folder = BranchFile.folder(log.folder(), name);
            if (BranchFile.read(storage, log.folder(), folder) == null) {
                return false;
            }
            BranchFile.delete(storage, folder);
            deleteOthers(storage, folder, 0);
            return true;
        });
    }

    /** Lets branches take copies of what they share with the log from {@code length} on; before that is cut. */
    void keep(long length) {
        locked(() -> {
            for (BranchFile file : files()) {
                if (file.base() > length) {
                    keep(file.name(), length);
                }
            }
            return null;
        });
    }

    private void keep(String name, long length) {
        BranchCore branch;
        boolean wasOpen = open.containsKey(name);
        try {
            branch = find(name);
        } catch (CorruptLogException | UnsupportedVersionException e) {
            LOG.warn("Branch \"{}\" of log {} cannot be opened and keeps nothing of what is cut", name, log.key(), e);
            return;
        }
        if (branch == null) {
            return;
        }
        try {
            branch.keep(length);
        } finally {
            if (!wasOpen) {
                open.remove(name);
                branch.own().closeFiles();
            }
        }
    }

    /** Forces what was written to open branches. Under the log's write lock. */
    void sync() {
        open.values().forEach(BranchCore::sync);
    }

    /** Closes all branches. The log has its write lock and is about to be closed. */
    void close() {
        List<AutoCloseable> parts = new ArrayList<>();
        open.values().forEach(branch -> parts.add(branch.own()::closeFiles));
        open.clear();
        OpenFiles.closeAll(parts);
    }

    /** What is known of all branches that can be read. */
    private List<BranchFile> files() {
        Path folder = BranchFile.folder(log.folder());
        List<BranchFile> files = new ArrayList<>();
        for (String entry : storage.list(folder)) {
            try {
                BranchFile file = BranchFile.read(storage, log.folder(), folder.resolve(entry));
                if (file != null) {
                    files.add(file);
                }
            } catch (CorruptLogException | UnsupportedVersionException e) {
                LOG.warn("The branch in {} cannot be read", folder.resolve(entry), e);
            }
        }
        return files;
    }

    /** The branch if it is open or stored. */
    private @Nullable BranchCore find(String name) {
        BranchCore known = open.get(name);
        if (known != null) {
            return known;
        }
        Path folder = BranchFile.folder(log.folder(), name);
        BranchFile file = BranchFile.read(storage, log.folder(), folder);
        if (file == null) {
            return null;
        }
        deleteOthers(storage, folder, file.generation());
        LogCore own = opener.openBranch(BranchFile.files(log.folder(), folder, file.generation()), unsigned());
        if (own.head().length() < file.base()) { // A truncation was interrupted.
            file = new BranchFile(name, file.generation(), own.head().length());
            file.write(storage, log.folder(), folder);
        }
        own.member().wake();
        BranchCore branch = new BranchCore(storage, log, folder, own, file);
        branch.settleOnOpening();
        if (branch.isShared() && own.files().data().tail() > DataFile.HEADER_BYTES) {
            own.closeFiles();
            return begin(name, file.generation() + 1, own.head());
        }
        open.put(name, branch);
        return branch;
    }

    private TreeHead headAt(long length, long fork) {
        List<TreeNode> roots = log.roots(log.head(), length);
        if (roots == null) {
            throw new EspalierException(
                    LogCore.NOT_FOUND, "The tree of log " + log.key() + " at length " + length + " is not held here.");
        }
        return TreeHead.of(fork, roots, null);
    }

    /** Makes files of a new generation, then leads to them; those of others go. */
    private BranchCore begin(String name, long generation, TreeHead base) {
        if (base.length() > log.forcedLength()) {
            log.sync(); // A branch must never begin above what a loss of power leaves of the log.
        }
        Path folder = BranchFile.folder(log.folder(), name);
        LogFolder place = BranchFile.files(log.folder(), folder, generation);
        LogCore own = opener.createBranch(place, unsigned(), base);
        BranchFile file = new BranchFile(name, generation, base.length());
        file.write(storage, log.folder(), folder);
        deleteOthers(storage, folder, generation);
        own.member().wake();
        BranchCore branch = new BranchCore(storage, log, folder, own, file);
        open.put(name, branch);
        return branch;
    }

    private Identity unsigned() {
        return Identity.of(log.key(), null, null);
    }

    /** Deletes the files of all generations but one. */
    private static void deleteOthers(Storage storage, Path folder, long generation) {
        for (String entry : storage.list(folder)) {
            if (entry.matches("[1-9][0-9]*") && !entry.equals(Long.toString(generation))) {
                LogFiles.deleteBranch(storage, folder.resolve(entry));
            }
        }
    }
}

package dev.espalier.log;

import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A copy of a store that is in use: all logs as they were at one and the same moment, so that a change of several logs is
 * in all of them or in none. Readers and writers go on; what they do after that moment is not in the copy. Each block and
 * node is verified on its way.
 *
 * <p>The copy is a store. It has the primary key, and so the power to sign: <b>never write with both.</b> The original may
 * have signed more by the time the copy is used, and two heads of one length and fork that differ are a conflict that
 * freezes the log for everybody, for good. So logs that can be signed are {@linkplain Log#restored held} in the copy until
 * peers said how far the original got.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class StoreBackup {

    private StoreBackup() {}

    /**
     * A log that was copied.
     *
     * @param key key of the log
     * @param length its number of blocks
     * @param blocks how many of those are held, and were copied
     * @param bytes bytes of these
     * @param held whether the copy will not be appended to before it is {@linkplain Log#recover recovered}
     */
    public record Copied(Key key, long length, long blocks, long bytes, boolean held) {}

    /**
     * What was copied.
     *
     * @param logs number of logs
     * @param blocks blocks of all of them
     * @param bytes bytes of these
     */
    public record Report(long logs, long blocks, long bytes) {}

    /**
     * Copies {@code store} to {@code target}, which appears when all of it is there and on the device.
     *
     * @param target a folder that does not exist, or is empty
     * @param told is told of each log; what it throws ends the backup
     * @throws EspalierException ERR_DIR_NONEMPTY
     * @throws CorruptLogException when something that is held does not hold what was signed; there is no copy then
     */
    public static Report run(LogStore store, Path target, Consumer<Copied> told) {
        Path place = target.toAbsolutePath().normalize();
        Path aside = place.resolveSibling(place.getFileName() + ".partial");
        try {
            checkEmpty(place);
            checkEmpty(aside);
            Report report;
            try {
                report = copy(store.open(), aside, told);
                Files.deleteIfExists(place);
                Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (RuntimeException | IOException e) {
                delete(aside, e);
                throw e;
            }
            return report;
        } catch (IOException e) {
            throw StorageErrors.of("back up to", place, e);
        }
    }

    private static void checkEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new EspalierException(
                        "ERR_DIR_NONEMPTY", "The folder " + folder + " is not empty; a backup takes one of its own.");
            }
        }
    }

    private static Report copy(OpenStore store, Path place, Consumer<Copied> told) throws IOException {
        List<OpenStore.Kept> all = store.keepAll();
        try (OpenStore copy = store.emptyCopy(place)) {
            long blocks = 0;
            long bytes = 0;
            for (OpenStore.Kept kept : all) {
                Copied one = copy(kept, copy);
                blocks += one.blocks();
                bytes += one.bytes();
                told.accept(one);
            }
            copy.copyNames(store);
            return new Report(all.size(), blocks, bytes);
        } finally {
            OpenFiles.closeAll(all);
        }
    }

    private static Copied copy(OpenStore.Kept kept, OpenStore store) throws IOException {
        LogCore from = kept.log().core();
        boolean held = kept.identity().signer() != null;
        from.views().enter();
        try (Log log = store.made(kept.identity().withRestored(held))) {
            LogCore core = log.core();
            core.writing().lock();
            TreeCopy.Report report;
            try {
                CoreSink sink = new CoreSink(core, kept.frozen().head());
                report = TreeCopy.run(kept.frozen().head().roots(), new FrozenSource(from, kept.frozen()), sink);
                sink.finish();
            } finally {
                core.writing().unlock();
            }
            Conflict conflict = from.conflict();
            if (conflict != null) {
                core.freeze(conflict);
            }
            return new Copied(core.key(), kept.frozen().head().length(), report.blocks(), report.bytes(), held);
        } finally {
            from.views().leave();
        }
    }

    private static void delete(Path folder, Exception why) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}

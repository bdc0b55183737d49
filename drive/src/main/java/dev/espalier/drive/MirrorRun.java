package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** One run of a {@link Mirror}. <b>Threading:</b> one thread. */
final class MirrorRun {

    private enum Comparison {
        SAME,
        DIFFERENT,
        /** The same bytes, but another executable bit or other metadata. */
        METADATA_ONLY
    }

    private final Mirror mirror;
    private final FileTree source;

    /** Read and, unless it is a dry run, written. */
    private final FileTree target;

    private final @Nullable UnchangedFiles known;
    private final MirrorListener listener;
    private final byte[] chunk = new byte[BlobId.BLOCK_SIZE];
    private final byte[] otherChunk = new byte[BlobId.BLOCK_SIZE];
    private long files;
    private long added;
    private long changed;
    private long removed;
    private long bytesAdded;
    private long bytesRemoved;

    /** {@code known} is what an earlier run knew of files; null to read them all. */
    MirrorRun(Mirror mirror, FileTree target, @Nullable UnchangedFiles known, MirrorListener listener) {
        this.mirror = mirror;
        this.source = mirror.source();
        this.target = target;
        this.known = known;
        this.listener = listener;
    }

    MirrorResult run() {
        try (Download ahead = fetchAhead()) {
            // Several places may overlap: then what was done to one decides about the next.
            if (mirror.entries() == null && mirror.prefixes().size() == 1) {
                sideBySide(mirror.prefixes().get(0));
            } else {
                if (mirror.prunes()) {
                    prune();
                }
                copy();
            }
        }
        return new MirrorResult(files, added, changed, removed, bytesAdded, bytesRemoved);
    }

    /** Compares two listings entry by entry, then removes, then copies: no path is looked up. */
    private void sideBySide(String prefix) {
        ListOptions listed = ListOptions.ALL.ignoring(mirror.ignored());
        SideBySide pairs = new SideBySide(source.list(prefix, listed), target.list(prefix, listed), target);
        if (pairs.hasNoRight()) {
            // Nothing to remove below the prefix, so nothing has to wait.
            if (mirror.prunes()) {
                prune(prefix);
            }
            for (SideBySide.Pair pair = pairs.next(); pair != null; pair = pairs.next()) {
                if (pair.left() != null && mirror.accepts(pair.left().path())) {
                    copy(pair.left(), pair.right());
                }
            }
        } else {
            List<Decision> decisions = new ArrayList<>();
            List<Entry> gone = compareAll(pairs, decisions);
            for (Entry entry : gone) {
                // Listings leave out more than what is not there: an ignored folder on disk is not entered.
                if (source.entry(entry.path()) == null) {
                    remove(entry);
                }
            }
            if (mirror.prunes()) {
                prune(prefix);
            }
            decisions.forEach(this::carryOut);
        }
        copy(prefix);
    }

    /** Decides about all source entries; returns what only the destination lists, if that is to go. */
    private List<Entry> compareAll(SideBySide pairs, List<Decision> decisions) {
        List<Entry> gone = new ArrayList<>();
        for (SideBySide.Pair pair = pairs.next(); pair != null; pair = pairs.next()) {
            Entry left = pair.left();
            Entry right = pair.right();
            if (left != null && mirror.accepts(left.path())) {
                decide(left, right, decisions);
            } else if (left == null && right != null && mirror.prunes()) {
                gone.add(right);
            }
        }
        return gone;
    }

    /** What is to be done with a source entry. */
    private record Decision(Entry entry, @Nullable Entry present, Comparison comparison) {}

    private void decide(Entry entry, @Nullable Entry present, List<Decision> decisions) {
        checkInterrupt();
        files++;
        Comparison comparison = comparison(entry, present);
        if (comparison != Comparison.SAME || mirror.tellsEquals()) {
            decisions.add(new Decision(entry, present, comparison));
        }
    }

    private Comparison comparison(Entry entry, @Nullable Entry present) {
        return mirror.transformers().isEmpty() ? compare(entry, present) : Comparison.DIFFERENT;
    }

    /** Asks for all that is going to be read of a drive far away, so that not each file waits for itself. */
    private @Nullable Download fetchAhead() {
        if (mirror.isDry() || mirror.entries() != null || !(source instanceof DriveView view) || view.isHeld()) {
            return null;
        }
        ListOptions wanted = ListOptions.ALL.ignoring(mirror.ignored().or(path -> !mirror.accepts(path)));
        return Download.start(
                view,
                () -> mirror.prefixes().stream()
                        .flatMap(prefix ->
                                StreamSupport.stream(view.list(prefix, wanted).spliterator(), false))
                        .iterator());
    }

    private void prune() {
        for (String prefix : mirror.entries() == null ? mirror.prefixes() : List.<String>of()) {
            for (Entry entry : destinationList(prefix)) {
                if (source.entry(entry.path()) == null) {
                    remove(entry);
                }
            }
            prune(prefix);
        }
        if (mirror.entries() != null) {
            mirror.entries().forEach(this::prune);
        }
    }

    /** Removes one path, unless the source has it; the root is none. */
    private void prune(String path) {
        if (!DrivePath.folder(path).isEmpty()) {
            Entry entry = target.entry(path);
            if (entry != null && source.entry(path) == null) {
                remove(entry);
            }
        }
    }

    private Iterable<Entry> destinationList(String prefix) {
        Iterable<Entry> list = target.list(prefix, ListOptions.ALL.ignoring(mirror.ignored()));
        if (target instanceof DriveBatch batch && batch.size() > 0) {
            // Listings of a batch end when it changes.
            List<Entry> copy = new ArrayList<>();
            list.forEach(copy::add);
            return copy;
        }
        return list;
    }

    private void remove(Entry entry) {
        long size = size(target, entry);
        removed++;
        bytesRemoved += size;
        tell(new MirrorOp(MirrorOp.Type.REMOVE, entry.path(), size, 0));
        if (!mirror.isDry()) {
            writable().delete(entry.path());
        }
    }

    private void copy() {
        if (mirror.entries() != null) {
            mirror.entries().forEach(this::copy);
            return;
        }
        for (String prefix : mirror.prefixes()) {
            for (Entry entry : source.list(prefix, ListOptions.ALL.ignoring(mirror.ignored()))) {
                if (mirror.accepts(entry.path())) {
                    copy(entry);
                }
            }
            copy(prefix);
        }
    }

    private void copy(String path) {
        if (!DrivePath.folder(path).isEmpty() && mirror.accepts(path)) {
            Entry entry = source.entry(path);
            if (entry != null) {
                copy(entry);
            }
        }
    }

    private void copy(Entry entry) {
        copy(entry, target.entry(entry.path()));
    }

    private void copy(Entry entry, @Nullable Entry present) {
        checkInterrupt();
        files++;
        carryOut(new Decision(entry, present, comparison(entry, present)));
    }

    private void carryOut(Decision decision) {
        Entry entry = decision.entry();
        Entry present = decision.present();
        Comparison comparison = decision.comparison();
        if (comparison == Comparison.SAME) {
            if (mirror.tellsEquals()) {
                tell(new MirrorOp(MirrorOp.Type.EQUAL, entry.path(), 0, 0));
            }
            return;
        }
        boolean entryOnly = comparison == Comparison.METADATA_ONLY && target.keepsMetadata();
        long after = entryOnly ? 0 : size(source, entry);
        long before = entryOnly || present == null ? 0 : size(target, present);
        bytesAdded += after;
        bytesRemoved += before;
        if (present == null) {
            added++;
        } else {
            changed++;
        }
        tell(new MirrorOp(present == null ? MirrorOp.Type.ADD : MirrorOp.Type.CHANGE, entry.path(), before, after));
        if (!mirror.isDry()) {
            write(entry, present, entryOnly);
        }
    }

    private void write(Entry entry, @Nullable Entry present, boolean entryOnly) {
        if (target instanceof LocalFolder folder && present == null) {
            folder.clearPlace(entry.path());
        }
        String linkname = entry.linkname();
        if (entry.isLink() && linkname != null) {
            if (target instanceof LocalFolder folder && linkname.startsWith("/") && !sourceHolds(linkname)) {
                folder.symlinkOutside(entry.path(), linkname);
            } else {
                writable().symlink(entry.path(), linkname);
            }
            return;
        }
        if (entryOnly && present != null) {
            Entry next =
                    new Entry(0, entry.path(), entry.executable(), entry.linkname(), present.blob(), entry.metadata());
            if (target instanceof Drive drive) {
                drive.putEntry(next);
                return;
            }
            if (target instanceof DriveBatch batch) {
                batch.putEntry(next);
                return;
            }
        }
        PutOptions options = new PutOptions(entry.executable(), entry.metadata(), mirror.dedups());
        long since = UnchangedFiles.now();
        FileStamp before = known == null ? null : source.stamp(entry);
        EntryOutput out = writable().newOutputStream(entry.path(), options);
        try (InputStream in = source.newInputStream(entry, 0, Long.MAX_VALUE)) {
            InputStream bytes = in;
            for (Mirror.Transformer transformer : mirror.transformers()) {
                bytes = transformer.transform(entry.path(), bytes);
            }
            out.writeAll(bytes, listener::copied);
        } catch (IOException e) {
            out.abort();
            throw Failures.io(entry.path() + " cannot be read: " + e.getMessage() + ".", e);
        } catch (RuntimeException | Error e) {
            out.abort();
            throw e;
        }
        out.close();
        if (known != null && before != null && out instanceof DriveOutput output) {
            learn(known, entry, before, since, output.written());
        }
    }

    private void learn(UnchangedFiles files, Entry entry, FileStamp before, long since, @Nullable Entry written) {
        BlobId blob = written == null ? null : written.blob();
        if (blob != null && !blob.blockMap() && blob.byteLength() == before.size()) {
            files.learn(entry.path(), before, since, source.stamp(entry), blob);
        }
    }

    private WritableTree writable() {
        return (WritableTree) target;
    }

    /** Whether the source has a file, link or folder at the place an absolute link means. */
    private boolean sourceHolds(String linkname) {
        try {
            String path = DrivePath.folder(linkname);
            return path.isEmpty()
                    || source.entry(path) != null
                    || source.list(path, ListOptions.ALL.limit(1)).iterator().hasNext();
        } catch (EspalierException e) {
            if (e.code().equals("ERR_INVALID_INPUT")) {
                return false;
            }
            throw e;
        }
    }

    private Comparison compare(Entry entry, @Nullable Entry present) {
        if (present == null) {
            return Comparison.DIFFERENT;
        }
        if (entry.isLink() || present.isLink()) {
            return Objects.equals(entry.linkname(), present.linkname()) ? Comparison.SAME : Comparison.DIFFERENT;
        }
        if ((entry.blob() == null) != (present.blob() == null)
                || size(source, entry) != size(target, present)
                || !isSame(entry, present)) {
            return Comparison.DIFFERENT;
        }
        boolean metadata = !source.keepsMetadata()
                || !target.keepsMetadata()
                || mirror.sameMetadata(entry.metadata(), present.metadata());
        return metadata && entry.executable() == present.executable() ? Comparison.SAME : Comparison.METADATA_ONLY;
    }

    /** Whether two files of the same size have the same bytes: by what is known, else by reading both. */
    private boolean isSame(Entry entry, Entry present) {
        BlobId blob = present.blob();
        if (known == null || blob == null) {
            return sameBytes(entry, present);
        }
        long since = UnchangedFiles.now();
        FileStamp before = source.stamp(entry);
        if (before == null) {
            return sameBytes(entry, present);
        }
        if (known.isSame(entry.path(), before, blob)) {
            known.learn(entry.path(), before, since, before, blob);
            return true;
        }
        boolean same = sameBytes(entry, present);
        if (same) {
            known.learn(entry.path(), before, since, source.stamp(entry), blob);
        }
        return same;
    }

    private boolean sameBytes(Entry entry, Entry present) {
        try (InputStream one = source.newInputStream(entry, 0, Long.MAX_VALUE);
                InputStream other = target.newInputStream(present, 0, Long.MAX_VALUE)) {
            while (true) {
                int length = one.readNBytes(chunk, 0, chunk.length);
                int otherLength = other.readNBytes(otherChunk, 0, otherChunk.length);
                if (!Arrays.equals(chunk, 0, length, otherChunk, 0, otherLength)) {
                    return false;
                }
                if (length == 0) {
                    return true;
                }
                listener.compared(length);
                checkInterrupt();
            }
        } catch (IOException e) {
            throw Failures.io(entry.path() + " cannot be compared: " + e.getMessage() + ".", e);
        }
    }

    private static long size(FileTree tree, Entry entry) {
        return entry.isLink() ? 0 : tree.size(entry);
    }

    private void tell(MirrorOp op) {
        checkInterrupt();
        listener.op(op);
    }

    private static void checkInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw new EspalierException("ERR_CANCELLED", "The mirror was cancelled.");
        }
    }
}

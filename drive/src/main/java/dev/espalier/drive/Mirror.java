package dev.espalier.drive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes one tree like another (drive specification §4): first removes what the source lacks, then adds and changes, in
 * the order of the source.
 *
 * <pre>{@code
 * MirrorResult result = Mirror.from(LocalFolder.of(path)).to(drive).dryRun(true).run(op -> out.println(op));
 * }</pre>
 *
 * <p>Whether a file changed is decided by its bytes, or by what is {@linkplain #remember remembered} of them. Where only the executable bit or the metadata differ, a
 * drive gets a new entry for the bytes it has. An absolute link to something the source holds leads into the destination
 * folder; to anything else it is kept as it is. Interrupting the running thread ends the mirror before its next operation
 * with {@code ERR_CANCELLED}; with a batch, nothing of it becomes visible.
 *
 * <p><b>Threading:</b> configure and run from one thread; a mirror can be run again.
 */
public final class Mirror {

    private final FileTree source;
    private @Nullable FileTree destination;
    private List<String> prefixes = List.of("/");
    private @Nullable List<String> entries;
    private boolean prune = true;
    private boolean includeEquals;
    private boolean dryRun;
    private boolean batch = true;
    private boolean dedup;
    private final List<Transformer> transformers = new ArrayList<>();
    private boolean resume;
    private @Nullable Path remembered;
    private Duration margin = UnchangedFiles.MARGIN;
    private boolean checksum;
    private Predicate<String> filter = path -> true;
    private Predicate<String> ignore = path -> false;
    private BiPredicate<@Nullable JsonText, @Nullable JsonText> metadataEquals = Objects::equals;

    private Mirror(FileTree source) {
        this.source = source;
    }

    /** A mirror of {@code source}. */
    public static Mirror from(FileTree source) {
        return new Mirror(source);
    }

    /** Where to. */
    public Mirror to(WritableTree target) {
        this.destination = target;
        return this;
    }

    /** Makes it a dry run against a tree that need not be writable, such as a version of a drive. */
    public Mirror against(FileTree target) {
        this.destination = target;
        this.dryRun = true;
        return this;
    }

    /** Only these folders or files; default the root. */
    public Mirror prefix(Collection<String> paths) {
        this.prefixes = List.copyOf(paths);
        return this;
    }

    /** Whether to remove what the source lacks; default true. */
    public Mirror prune(boolean on) {
        this.prune = on;
        return this;
    }

    /** Which source entries to copy. What it refuses is not removed when the source has it. */
    public Mirror filter(Predicate<String> accept) {
        this.filter = accept;
        return this;
    }

    /** Paths treated as if neither side had them: neither copied nor removed. */
    public Mirror ignore(Predicate<String> test) {
        this.ignore = test;
        return this;
    }

    /** Only these paths, on both sides, instead of listings; prefixes do not matter then. */
    public Mirror entries(Collection<String> paths) {
        this.entries = List.copyOf(paths);
        return this;
    }

    /** Whether to tell of equal entries, too; default false. */
    public Mirror includeEquals(boolean on) {
        this.includeEquals = on;
        return this;
    }

    /** Whether only to tell and count; default false. */
    public Mirror dryRun(boolean on) {
        this.dryRun = on;
        return this;
    }

    /** Whether a drive as destination changes in one step at the end; default true. */
    public Mirror batch(boolean on) {
        this.batch = on;
        return this;
    }

    /** Whether a drive as destination stores files with {@link PutOptions#dedup}; default false. */
    public Mirror dedup(boolean on) {
        this.dedup = on;
        return this;
    }

    /** Changes the bytes of files on their way. */
    @FunctionalInterface
    public interface Transformer {

        /** What is to be stored instead of {@code bytes}; {@code bytes} itself for files that stay as they are. */
        InputStream transform(String path, InputStream bytes) throws IOException;
    }

    /**
     * Adds a step through which the bytes of all files go, after those added before. What it makes is not known before it is
     * made: with any transformer every file and link counts as changed, and the sizes told are those of the source.
     */
    public Mirror transform(Transformer transformer) {
        transformers.add(transformer);
        return this;
    }

    /**
     * Whether to go on where an earlier mirror into the drive was killed, given in a batch: bytes of files that it had
     * appended are taken over where they are the ones to be appended now, and the drive ends with the same blocks as if
     * nothing had happened. Not with {@link #dedup}. Costs two forced writes when there is something to copy; default false.
     */
    public Mirror resume(boolean on) {
        this.resume = on;
        return this;
    }

    /**
     * Keeps in {@code file} what the operating system says about files of a folder on disk whose bytes a drive holds. The
     * next mirror of that folder into that drive does not read those that did not change since: {@code
     * docs/unchanged-files.md} tells why none is missed. Where that cannot be relied on all is read, as without this.
     */
    public Mirror remember(Path file) {
        this.remembered = file;
        return this;
    }

    /**
     * How long nobody may have written to a file before it is remembered, by {@link #remember}; a minute by default. Less is
     * for who knows that no program writes to the files while they are mirrored.
     */
    public Mirror rememberAfter(Duration untouched) {
        this.margin = untouched;
        return this;
    }

    /** Whether to read all files, whatever is remembered of them; default false. What is read is remembered. */
    public Mirror checksum(boolean on) {
        this.checksum = on;
        return this;
    }

    /** When metadata of both sides counts as equal; default: same JSON. Not asked when a side cannot hold metadata. */
    public Mirror metadataEquals(BiPredicate<@Nullable JsonText, @Nullable JsonText> test) {
        this.metadataEquals = test;
        return this;
    }

    /** Runs without telling. */
    public MirrorResult run() {
        return run(op -> {});
    }

    /**
     * Runs until done.
     *
     * @throws dev.espalier.merkle.EspalierException {@code ERR_NOT_WRITABLE} at once when the destination is
     */
    public MirrorResult run(MirrorListener listener) {
        FileTree target = destination;
        if (target == null) {
            throw new IllegalStateException("a mirror needs a destination: call to(...) first");
        }
        if (!dryRun && !(target instanceof WritableTree)) {
            throw new IllegalStateException("a mirror against a tree that is only read must be a dry run");
        }
        if (target instanceof Drive drive) {
            drive.requireWritable();
        }
        if (target instanceof DriveView view) {
            try (UnchangedFiles known = known(view)) {
                MirrorResult result = target instanceof Drive drive && batch && !dryRun
                        ? runInBatch(drive, known, listener)
                        : runWith(target, known, listener);
                if (known != null) {
                    known.commit();
                }
                return result;
            }
        }
        if (!dryRun && target instanceof LocalFolder folder) {
            try (FolderGroup group = new FolderGroup(folder)) {
                MirrorResult result = runWith(folder.in(group), null, listener);
                group.finish();
                return result;
            }
        }
        return runWith(target, null, listener);
    }

    private MirrorResult runInBatch(Drive drive, @Nullable UnchangedFiles known, MirrorListener listener) {
        try (DriveBatch staged = drive.batch()) {
            staged.group();
            if (resume) {
                staged.resume();
            }
            MirrorResult result = runWith(staged, known, listener);
            staged.flush();
            return result;
        }
    }

    private MirrorResult runWith(FileTree target, @Nullable UnchangedFiles known, MirrorListener listener) {
        return new MirrorRun(this, target, known, listener).run();
    }

    /** What is known of the files of the source; of bytes that are changed on their way that says nothing. */
    private @Nullable UnchangedFiles known(DriveView view) {
        return remembered == null || !transformers.isEmpty()
                ? null
                : new UnchangedFiles(remembered, view.blobStore().log(), margin, checksum, !dryRun);
    }

    // ---- what a run reads

    FileTree source() {
        return source;
    }

    List<String> prefixes() {
        return prefixes;
    }

    @Nullable
    List<String> entries() {
        return entries;
    }

    boolean prunes() {
        return prune;
    }

    boolean tellsEquals() {
        return includeEquals;
    }

    boolean isDry() {
        return dryRun;
    }

    boolean dedups() {
        return dedup;
    }

    List<Transformer> transformers() {
        return transformers;
    }

    boolean accepts(String path) {
        return filter.test(path);
    }

    Predicate<String> ignored() {
        return ignore;
    }

    boolean sameMetadata(@Nullable JsonText a, @Nullable JsonText b) {
        return metadataEquals.test(a, b);
    }
}

package dev.espalier.release;

import dev.espalier.log.BlockView;
import dev.espalier.log.Log;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.TreeHead;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of production's two logs at the start of the target's (release specification §3.4, step 3 and rules a and b).
 *
 * <p><b>Threading:</b> one thread.
 */
final class Prefix {

    private static final int GROUP_BLOCKS = 64;
    private static final long GROUP_BYTES = 4 << 20;

    private final String type;
    private final Log target;
    private final TreeHead before;
    private final @Nullable Log production;
    private final TreeHead out;

    /**
     * Production's blocks begin to be appended to the target.
     *
     * @param type {@code metadata} or {@code blobs}
     */
    record Syncing(String type) implements Event {
        @Override
        public String tag() {
            return "syncing";
        }
    }

    /** Some were appended; lengths of the log of this type. */
    record Blocks(String type, long targetLength, long productionLength) implements Event {
        @Override
        public String tag() {
            return "blocks";
        }
    }

    /** The target has all of them. */
    record Synced(String type) implements Event {
        @Override
        public String tag() {
            return "synced";
        }
    }

    /** {@code out} is how much of {@code production} there is, {@code before} what the target has now. */
    Prefix(String type, Log target, TreeHead before, @Nullable Log production, TreeHead out) {
        this.type = type;
        this.target = target;
        this.before = before;
        this.production = production;
        this.out = out;
    }

    /** Length of production. */
    long length() {
        return out.length();
    }

    /** Whether the target lacks blocks of production. */
    boolean isShort() {
        return before.length() < out.length();
    }

    /** Whether the target has blocks beyond production. */
    boolean isLong() {
        return before.length() > out.length();
    }

    /** What the target will be when it has all of production. */
    TreeHead joined() {
        return isShort() ? out : before;
    }

    /**
     * Compares tree hashes over what both have. Blocks of production that the target lacks must be held.
     *
     * @throws EspalierException {@code INCOMPATIBLE_SOURCE_AND_TARGET}
     */
    void check() {
        if (before.fork() != out.fork()) {
            throw incompatible("The target is at fork " + before.fork() + " of its " + noun() + ", production at fork "
                    + out.fork() + ": what was truncated can never be signed.");
        }
        long common = Math.min(before.length(), out.length());
        if (production == null || common == 0) {
            return;
        }
        Hash ours = isLong() ? target.treeHash(common) : before.treeHash();
        Hash theirs = isShort() ? production.treeHash(common) : out.treeHash();
        if (!ours.equals(theirs)) {
            throw incompatible("The first " + common + " blocks of the target's " + noun() + " are not production's.");
        }
    }

    private String noun() {
        return type.equals("blobs") ? "files" : "entries";
    }

    static EspalierException incompatible(String why) {
        return new EspalierException(
                "INCOMPATIBLE_SOURCE_AND_TARGET",
                why + " Nothing gets around this: make a new target with touch and provision to that.");
    }

    /** Appends what the target lacks. */
    void copy(Steps steps) {
        if (production == null) {
            return;
        }
        steps.emit(new Syncing(type));
        for (long next = before.length(); next < out.length(); ) {
            steps.checkCancelled();
            next = copyGroup(production, next);
            steps.emit(new Blocks(type, next, out.length()));
            steps.progress("syncing", next, out.length(), false);
        }
        if (isShort() && !target.treeHash(out.length()).equals(out.treeHash())) {
            throw new EspalierException(
                    "ERR_CHANGED", "The target was written to by somebody else meanwhile; provision to a new one.");
        }
        steps.emit(new Synced(type));
    }

    private long copyGroup(Log from, long first) {
        List<BlockView> views = new ArrayList<>();
        try {
            long bytes = 0;
            for (long i = first; i < out.length() && views.size() < GROUP_BLOCKS && bytes < GROUP_BYTES; i++) {
                BlockView view = from.view(i).orElseThrow();
                views.add(view);
                bytes += view.bytes().remaining();
            }
            return target.append(views.stream().map(BlockView::bytes).toList());
        } finally {
            views.forEach(BlockView::close);
        }
    }
}

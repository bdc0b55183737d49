package dev.espalier.drive;

import dev.espalier.merkle.EspalierException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Block 0 of a B-tree's log (drive specification §1.1): {@code 0a 08 "hyperbee"}, then, when there is metadata, {@code
 * 12} with {@code 0a} content feed and {@code 12} user data in it.
 */
final class TreeHeader {

    private static final String PROTOCOL = "hyperbee";

    /** Whether the metadata message is there, which may be empty. */
    private final boolean metadata;

    private final byte @Nullable [] contentFeed;
    private final byte @Nullable [] userData;

    private TreeHeader(boolean metadata, byte @Nullable [] contentFeed, byte @Nullable [] userData) {
        this.metadata = metadata;
        this.contentFeed = contentFeed;
        this.userData = userData;
    }

    /** A tree of its own. */
    static TreeHeader plain() {
        return new TreeHeader(false, null, null);
    }

    /** A tree with metadata; both may be null, as in every drive whose blobs key follows from its own. */
    static TreeHeader of(byte @Nullable [] contentFeed, byte @Nullable [] userData) {
        return new TreeHeader(true, contentFeed, userData);
    }

    byte @Nullable [] contentFeed() {
        return contentFeed;
    }

    byte[] encode() {
        WireWriter out = new WireWriter(64).field(1, PROTOCOL.getBytes(StandardCharsets.US_ASCII));
        if (metadata) {
            WireWriter inner = new WireWriter(64);
            if (contentFeed != null) {
                inner.field(1, contentFeed);
            }
            if (userData != null) {
                inner.field(2, userData);
            }
            out.field(2, inner.toByteArray());
        }
        return out.toByteArray();
    }

    /** Reads block 0; {@code ERR_CORRUPT} when it is that of something else. */
    static TreeHeader decode(byte[] block) {
        String protocol = null;
        TreeHeader header = plain();
        try {
            WireReader in = new WireReader(block, 0, block.length);
            for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
                if (field == 1) {
                    protocol = new String(block, in.start, in.end - in.start, StandardCharsets.UTF_8);
                } else if (field == 2) {
                    header = decodeMetadata(block, in.start, in.end);
                }
            }
        } catch (EspalierException e) {
            throw Failures.corrupt("Block 0 is not the header of a B-tree: " + e.getMessage() + ".");
        }
        if (!PROTOCOL.equals(protocol)) {
            throw Failures.corrupt("Block 0 is not the header of a B-tree, so this log is not that of a drive.");
        }
        return header;
    }

    private static TreeHeader decodeMetadata(byte[] block, int from, int to) {
        byte[] contentFeed = null;
        byte[] userData = null;
        WireReader in = new WireReader(block, from, to);
        for (int field = in.nextBytesField(); field != 0; field = in.nextBytesField()) {
            if (field == 1) {
                contentFeed = Arrays.copyOfRange(block, in.start, in.end);
            } else if (field == 2) {
                userData = Arrays.copyOfRange(block, in.start, in.end);
            }
        }
        return of(contentFeed, userData);
    }
}

package dev.espalier.release;

import dev.espalier.log.Log;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Prologue;
import dev.espalier.merkle.Signer;
import dev.espalier.merkle.TreeHead;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything there is to know of a log here.
 *
 * @param key what others open it by
 * @param discoveryKey what it is looked for by
 * @param id the key as text
 * @param length number of blocks
 * @param byteLength bytes of all blocks
 * @param fork how often it was truncated
 * @param contiguousLength blocks held here from the first on without a gap
 * @param treeHash what the head signs
 * @param writable whether it can be appended to here
 * @param restored whether it came from a copy and is not appended to before it is recovered
 * @param manifest who may sign it; null as long as no peer told
 * @param conflict where its signers signed two different trees, so that it is frozen; null for the usual log
 * @param storage bytes its files take here
 */
public record LogInfo(
        Key key,
        Key discoveryKey,
        String id,
        long length,
        long byteLength,
        long fork,
        long contiguousLength,
        Hash treeHash,
        boolean writable,
        boolean restored,
        @Nullable ManifestInfo manifest,
        @Nullable ConflictInfo conflict,
        Log.StorageUse storage) {

    /** Fork and length of two different trees that were both signed. */
    public record ConflictInfo(long fork, long length) {}

    /** A manifest as scripts see it; {@code userData} is hex. */
    public record ManifestInfo(
            int version,
            boolean allowPatch,
            int quorum,
            List<Signer> signers,
            @Nullable Prologue prologue,
            @Nullable List<Key> linked,
            @Nullable String userData) {

        /** What {@code manifest} says; null for null. */
        public static @Nullable ManifestInfo of(@Nullable Manifest manifest) {
            if (manifest == null) {
                return null;
            }
            byte[] userData = manifest.userData();
            return new ManifestInfo(
                    manifest.version(),
                    manifest.allowPatch(),
                    manifest.quorum(),
                    manifest.signers(),
                    manifest.prologue(),
                    manifest.linked(),
                    userData == null ? null : HexFormat.of().formatHex(userData));
        }
    }

    /** What {@code log} is like now. */
    public static LogInfo of(Log log) {
        TreeHead head = log.head();
        return new LogInfo(
                log.key(),
                log.discoveryKey(),
                log.id(),
                head.length(),
                head.byteLength(),
                head.fork(),
                log.contiguousLength(),
                head.treeHash(),
                log.writable(),
                log.restored(),
                ManifestInfo.of(log.manifest()),
                log.conflict()
                        .map(found -> new ConflictInfo(found.fork(), found.length()))
                        .orElse(null),
                log.storageUse());
    }
}

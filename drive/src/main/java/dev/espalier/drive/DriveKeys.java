package dev.espalier.drive;

import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Namespaces;
import dev.espalier.merkle.Signer;
import org.jspecify.annotations.Nullable;

/** Which log holds the bytes of a drive (drive specification §3.1). <b>Threading:</b> stateless. */
public final class DriveKeys {

    private static final Hash BLOBS = Namespaces.of("hyperdrive", 0);

    private DriveKeys() {}

    /**
     * The manifest of the blobs of a drive whose db has this manifest: the same signers in namespaces of their own.
     *
     * @param key the key of the db
     * @return null for dbs of the old kind (version 0, or the key being a public key), which name their blobs in the
     *     header
     */
    public static @Nullable Manifest blobsManifest(Manifest db, Key key) {
        if (db.version() < 1 || db.isCompat(key)) {
            return null;
        }
        Manifest.Builder blobs = Manifest.builder()
                .version(db.version())
                .allowPatch(db.allowPatch())
                .quorum(db.quorum());
        for (Signer signer : db.signers()) {
            Hash namespace =
                    Hash.digest(BLOBS.bytes(), key.bytes(), signer.namespace().bytes());
            blobs.signer(new Signer(namespace, signer.publicKey()));
        }
        return blobs.build();
    }
}

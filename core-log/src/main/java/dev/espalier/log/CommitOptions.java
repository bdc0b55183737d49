package dev.espalier.log;

import org.jspecify.annotations.Nullable;

/**
 * How to commit; see {@link Log#commit(Log, CommitOptions)}.
 *
 * <p><b>Threading:</b> immutable; the array is not to be changed.
 *
 * @param length how long the log shall be; {@link Long#MAX_VALUE} for all that there is
 * @param durability what is promised when the call returns; null for what the store promises
 * @param signature the signature field of the new head, made elsewhere, as a log with several signers needs it ({@link
 *     dev.espalier.merkle.MultiSignature}); null to sign with the log's key pair
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record CommitOptions(long length, @Nullable Durability durability, byte @Nullable [] signature) {

    /** All blocks, the store's durability, the log's key pair. */
    public static final CommitOptions DEFAULT = new CommitOptions(Long.MAX_VALUE, null, null);

    /** The same up to this length. */
    public CommitOptions withLength(long end) {
        return new CommitOptions(end, durability, signature);
    }

    /** The same with this durability. */
    public CommitOptions withDurability(Durability level) {
        return new CommitOptions(length, level, signature);
    }

    /** The same with this signature. */
    public CommitOptions withSignature(byte[] given) {
        return new CommitOptions(length, durability, given.clone());
    }
}

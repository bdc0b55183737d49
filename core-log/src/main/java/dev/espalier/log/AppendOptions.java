package dev.espalier.log;

import org.jspecify.annotations.Nullable;

/**
 * How to append.
 *
 * <p><b>Threading:</b> immutable; the array is not to be changed.
 *
 * @param durability what is promised when the call returns; null for what the store promises
 * @param signature the signature field of the new head, made elsewhere, as a log with several signers needs it ({@link
 *     dev.espalier.merkle.MultiSignature}); null to sign with the log's key pair
 * @param maxLength where the log would have more blocks than this, nothing is appended
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record AppendOptions(@Nullable Durability durability, byte @Nullable [] signature, long maxLength) {

    /** The store's durability, the log's key pair, any length. */
    public static final AppendOptions DEFAULT = new AppendOptions(null, null, Long.MAX_VALUE);

    /** The same with this durability. */
    public AppendOptions withDurability(Durability level) {
        return new AppendOptions(level, signature, maxLength);
    }

    /** The same with this signature. */
    public AppendOptions withSignature(byte[] given) {
        return new AppendOptions(durability, given.clone(), maxLength);
    }

    /** The same up to this length. */
    public AppendOptions withMaxLength(long most) {
        return new AppendOptions(durability, signature, most);
    }
}

package dev.espalier.merkle;

import java.nio.charset.StandardCharsets;

/**
 * Key pairs of the logs of one store, all derived from its primary key (log specification §15).
 *
 * <p>The parts that are hashed have no separators or lengths between them: the namespace is of fixed length, the name
 * comes last. <b>Threading:</b> stateless.
 */
public final class StoreKeys {

    /** Length of a primary key in bytes. */
    public static final int PRIMARY_KEY_BYTES = 32;

    /** The namespace of a store that was given none: 32 zero bytes. */
    public static final Hash DEFAULT_NAMESPACE = Hash.of(new byte[Hash.BYTES]);

    private StoreKeys() {}

    /** The namespace {@code name} within {@code parent}: {@code H(parent ‖ UTF-8 name)}. The order of nesting matters. */
    public static Hash namespace(Hash parent, String name) {
        return Hash.digest(parent.raw(), name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The key pair of a name in a namespace: its seed is {@code H(primary key; SEED ‖ namespace ‖ UTF-8 name)}.
     *
     * @throws IllegalArgumentException when the primary key has not 32 bytes
     */
    public static KeyPair keyPair(byte[] primaryKey, Hash namespace, String name) {
        if (primaryKey.length != PRIMARY_KEY_BYTES) {
            throw new IllegalArgumentException("a primary key has 32 bytes, not " + primaryKey.length);
        }
        byte[] seed = Blake2b.keyed(
                primaryKey, Namespaces.STORE_SEED.raw(), namespace.raw(), name.getBytes(StandardCharsets.UTF_8));
        return KeyPair.fromSeed(seed);
    }
}

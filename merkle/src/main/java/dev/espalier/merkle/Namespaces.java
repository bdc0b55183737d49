package dev.espalier.merkle;

import java.nio.charset.StandardCharsets;

/**
 * The constants that keep hashes of different meaning apart: {@code ns(name, i) = H(H(name) ‖ byte i)}
 * (log specification §4).
 *
 * <p><b>Threading:</b> immutable.
 */
public final class Namespaces {

    /** Precedes every signed tree head. */
    public static final Hash TREE = of("hypercore", 0);

    /** Precedes the log key in the capability made by the side that opened the connection. */
    public static final Hash REPLICATE_INITIATOR = of("hypercore", 1);

    /** Precedes the log key in the capability made by the side that accepted the connection. */
    public static final Hash REPLICATE_RESPONDER = of("hypercore", 2);

    /** Precedes the manifest bytes in a log's key. */
    public static final Hash MANIFEST = of("hypercore", 3);

    /** The namespace of a signer when none is given. */
    public static final Hash DEFAULT_NAMESPACE = of("hypercore", 4);

    /** Precedes the keys from which a block key is derived. */
    public static final Hash DEFAULT_ENCRYPTION = of("hypercore", 5);

    /** Precedes namespace and name in the seed of a store's log. */
    public static final Hash STORE_SEED = of("corestore", 0);

    private Namespaces() {}

    /** The {@code index}-th (0 to 255) namespace of {@code name}. */
    public static Hash of(String name, int index) {
        byte[] nameHash = Blake2b.hash(name.getBytes(StandardCharsets.UTF_8));
        return Hash.digest(nameHash, new byte[] {(byte) index});
    }
}

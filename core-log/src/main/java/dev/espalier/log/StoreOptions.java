package dev.espalier.log;

import org.jspecify.annotations.Nullable;

/**
 * How to open a store.
 *
 * @param create whether to make the store when the folder holds none
 * @param primaryKey 32 bytes from which all own key pairs follow, for a new store; null for random ones. An existing
 *     store with another key is refused
 * @param durability what an append promises when it does not say
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record StoreOptions(boolean create, byte @Nullable [] primaryKey, Durability durability) {

    /** Make the store if needed, with a random primary key and {@link Durability#NONE}. */
    public static StoreOptions defaults() {
        return new StoreOptions(true, null, Durability.NONE);
    }

    /** The same with this primary key. */
    public StoreOptions withPrimaryKey(byte[] key) {
        return new StoreOptions(create, key.clone(), durability);
    }

    /** The same with this durability. */
    public StoreOptions withDurability(Durability level) {
        return new StoreOptions(create, primaryKey, level);
    }

    /** The same, but an absent store is an error. */
    public StoreOptions existing() {
        return new StoreOptions(false, primaryKey, durability);
    }
}

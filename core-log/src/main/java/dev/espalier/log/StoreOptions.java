package dev.espalier.log;

import org.jspecify.annotations.Nullable;

/**
 * How to open a store.
 *
 * @param create whether to make the store when the folder holds none
 * @param primaryKey 32 bytes from which all own key pairs follow, for a new store; null for random ones. An existing
 *     store with another key is refused
 * @param durability what an append promises when it does not say
 * @param mappedLogs most logs of the store whose files are open and mapped at a time, at least 1: five files each, and one
 *     mapping for each GiB of a file. Any number of logs can be open; the others are idle, which costs the next use of one
 *     some file openings, and where it was written to since, forcing that. So it should not be less than the number of logs
 *     that are written in turns
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record StoreOptions(boolean create, byte @Nullable [] primaryKey, Durability durability, int mappedLogs) {

    /** Logs that are mapped at a time unless said otherwise. */
    public static final int MAPPED_LOGS = 512;

    /** Checks the range of {@code mappedLogs}. */
    public StoreOptions {
        if (mappedLogs < 1) {
            throw new IllegalArgumentException("at least one log must be mapped, not " + mappedLogs);
        }
    }

    /** Make the store if needed, with a random primary key and {@link Durability#NONE}. */
    public static StoreOptions defaults() {
        return new StoreOptions(true, null, Durability.NONE, MAPPED_LOGS);
    }

    /** The same with this primary key. */
    public StoreOptions withPrimaryKey(byte[] key) {
        return new StoreOptions(create, key.clone(), durability, mappedLogs);
    }

    /** The same with this durability. */
    public StoreOptions withDurability(Durability level) {
        return new StoreOptions(create, primaryKey, level, mappedLogs);
    }

    /** The same with at most {@code most} logs mapped at a time. */
    public StoreOptions withMappedLogs(int most) {
        return new StoreOptions(create, primaryKey, durability, most);
    }

    /** The same, but an absent store is an error. */
    public StoreOptions existing() {
        return new StoreOptions(false, primaryKey, durability, mappedLogs);
    }
}

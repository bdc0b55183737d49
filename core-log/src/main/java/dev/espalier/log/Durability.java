package dev.espalier.log;

/** What an append promises once it returned. */
public enum Durability {

    /** Survives the end of this process, however sudden; the operating system writes when it likes. */
    NONE,

    /** The bytes and the head were forced to the device; survives loss of power. */
    DATA,

    /** Like {@link #DATA}, with all metadata of the files and folders. */
    FULL
}

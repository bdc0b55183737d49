package dev.espalier.replicate;

/** What lies between the messages of peers and their TCP connection. Both sides must use the same; none falls back. */
public enum Transport {

    /** The encrypted stream of all Hypercore peers. */
    ENCRYPTED,

    /**
     * The same messages, neither encrypted nor authenticated: for links whose every end and every hop is trusted. Blocks go
     * from mapped memory to the socket. Blocks are verified as always, and a log is opened only for who knows its key; but
     * who watches the link reads all, and an identity is what a peer says, so an allow-list is refused.
     */
    TRUSTED
}

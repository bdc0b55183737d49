package dev.espalier.replicate;

import java.net.InetSocketAddress;

/** Where connections come from. */
interface Endpoint {

    /** The address listened on or connected to. */
    InetSocketAddress address();

    /** No more connections come; those there stay. Waits until that is so, unless called on an event loop. */
    void close();
}

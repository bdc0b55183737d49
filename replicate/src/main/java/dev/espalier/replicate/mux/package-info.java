/**
 * Many channels over one connection, byte-compatible with protomux (replication specification §2).
 *
 * <p>Start at {@link dev.espalier.replicate.mux.Mux}: a Netty handler that goes after {@link
 * dev.espalier.replicate.secret.SecretStreamHandler}. {@link dev.espalier.replicate.mux.Mux#open} opens a channel,
 * {@link dev.espalier.replicate.mux.Mux#onOpen} says what happens when the other side opens one; both lead to a {@link
 * dev.espalier.replicate.mux.MuxChannel} that sends messages and a {@link
 * dev.espalier.replicate.mux.MuxChannel.Listener} that gets them.
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>Everything happens on the connection's event loop, callbacks included.
 *   <li>A listener sees at most one {@code onOpen}, then messages, then exactly one {@code onClose}.
 *   <li>Foreign bytes end at worst this connection, with a reason; what the peer can make us hold is bounded.
 * </ul>
 */
@NullMarked
package dev.espalier.replicate.mux;

import org.jspecify.annotations.NullMarked;

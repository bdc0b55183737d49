package dev.espalier.replicate;

import dev.espalier.merkle.Key;
import java.net.InetSocketAddress;

/**
 * A connected peer, as it was when asked.
 *
 * @param publicKey the identity it proved in the handshake; random for most peers, so no permission follows from it
 * @param address where it is
 * @param initiator whether the connection was opened from here
 * @param traffic what went over this connection so far
 */
public record PeerInfo(Key publicKey, InetSocketAddress address, boolean initiator, Traffic traffic) {}

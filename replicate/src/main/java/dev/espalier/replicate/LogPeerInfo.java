package dev.espalier.replicate;

import dev.espalier.merkle.Key;

/**
 * What a connected peer said of one log, as it was when asked. It may lie; blocks are verified when they come.
 *
 * @param publicKey the identity it proved in the handshake; the same on all connections of a store here, unless it chose
 *     several
 * @param fork its fork
 * @param length its length, held or not
 * @param contiguousLength number of blocks that it holds from 0 without a gap
 */
public record LogPeerInfo(Key publicKey, long fork, long length, long contiguousLength) {}

/**
 * The encrypted byte stream under everything else: frames, Noise handshake, secretstream (replication specification
 * §1).
 *
 * <p>Start at {@link dev.espalier.replicate.secret.SecretStreamHandler}: put it first into the pipeline of a Netty
 * channel and what is above it reads and writes plaintexts, one buffer per message. {@link
 * dev.espalier.replicate.secret.SecretSession} says who is on the other side. {@link
 * dev.espalier.replicate.secret.NoiseHandshake} and the two cipher directions serve those who run a handshake over
 * something else.
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>No plaintext is released before its authentication code was checked.
 *   <li>Foreign bytes cause {@link dev.espalier.replicate.secret.SecretStreamException} and the end of that one
 *       connection, nothing else.
 *   <li>Memory per connection is bounded by one frame (16 MiB), before the handshake is over by 64 KiB.
 * </ul>
 */
@NullMarked
package dev.espalier.replicate.secret;

import org.jspecify.annotations.NullMarked;

/**
 * Replication: logs of one store exchanged with other stores over the Hypercore wire protocol.
 *
 * <p>Start at {@link dev.espalier.replicate.Replication}: {@code listen} or {@code connect}, on both sides with a store. From
 * then on logs of the store ask connected peers for what they lack, and peers are served what the store holds; knowing
 * a log's key is all the permission there is.
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>Nothing is stored before it was verified against the log's key.
 *   <li>A peer's mistake ends that peer's connection or its part of a log, and nothing else.
 *   <li>Memory per peer is bounded; blocks go from the mapped file to the cipher without a copy in between.
 * </ul>
 */
@NullMarked
package dev.espalier.replicate;

import org.jspecify.annotations.NullMarked;

/**
 * How a command works on a store that another process holds: through that process, over a local socket.
 *
 * <p>{@link dev.espalier.cli.holder.HolderServer} runs in the process that holds the store, {@link
 * dev.espalier.cli.holder.HolderClient} in the other. One connection carries one request: what was typed, and where. The
 * holder runs it on its open store and sends back events, which the other process shows as if they were its own.
 *
 * <h2>Frames</h2>
 *
 * {@link dev.espalier.cli.holder.Frame} has the layout. In order: {@code REQUEST} one way, {@code ACCEPT} back, then {@code
 * EVENT}, {@code PROGRESS} and {@code OUTPUT} in any order, at last {@code ENDED} or {@code FAILED}. Meanwhile {@code
 * INPUT} may go the first way, until {@code INPUT_END}. A connection that closes early cancels the work.
 *
 * <h2>Who may connect</h2>
 *
 * The socket lies in a folder that only the owner of the store can enter.
 */
@NullMarked
package dev.espalier.cli.holder;

import org.jspecify.annotations.NullMarked;

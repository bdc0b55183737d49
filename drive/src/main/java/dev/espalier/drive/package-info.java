/**
 * File trees kept in two signed logs, folders on disk seen the same way, and the mirror between any two of them.
 *
 * <p>Start at {@link dev.espalier.drive.Drive#open(dev.espalier.log.LogStore, String)}, {@link
 * dev.espalier.drive.LocalFolder#of} and {@link dev.espalier.drive.Mirror#from}.
 *
 * <h2>Nouns</h2>
 * <ul>
 *   <li>A <em>drive</em> is a log with a B-tree of entries (the <em>db</em>, whose key is the drive's) and a log with
 *       the bytes of its files (the <em>blobs</em>).
 *   <li>An {@link dev.espalier.drive.Entry} is a file or a link at a path. Folders are not stored: they are what paths have
 *       in common.
 *   <li>A <em>version</em> is a length of the db. Versions inside a batch were never signed and cannot be read.
 * </ul>
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>What is written is bit-identical to Hyperdrive 13 for the same operations in the same order.
 *   <li>An entry is put after its bytes; a batch becomes visible in one step.
 *   <li>A drive of somebody else is hostile input: no entry can make a read loop, a heap overflow, or a file outside the
 *       folder that it is copied to.
 * </ul>
 */
@NullMarked
package dev.espalier.drive;

import org.jspecify.annotations.NullMarked;

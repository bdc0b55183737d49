/**
 * Signed append-only logs on memory-mapped files, and the store that holds many of them.
 *
 * <p>Start at {@link dev.espalier.log.LogStore#open}, then {@link dev.espalier.log.LogStore#log(String)}, {@link
 * dev.espalier.log.Log#append}, {@link dev.espalier.log.Log#get}.
 *
 * <h2>Files</h2>
 *
 * <pre>
 * store                        primary key, readable by its owner only
 * lock                         locked while the store is open; process id of the owner as text
 * names/&lt;hash&gt;                 which log a name means
 * logs/&lt;xx&gt;/&lt;discovery key&gt;/   one log:
 *     identity                     key, manifest, who signs, user data; replaced as a whole
 *     head                         newest signed states in three slots, published last
 *     data                         bytes of blocks in order of arrival, never written over
 *     entries                      16 bytes per block: where it lies in data
 *     tree                         40 bytes per node, at its flat index
 *     bits                         one bit per block: held here
 *     branches/&lt;hash&gt;/             a branch, with files like these of its own
 * </pre>
 *
 * Each file begins with the same checksummed header of 64 bytes (magic, kind, version, features that a reader must know,
 * the log it belongs to); layouts are drawn in {@code FileHeader}, {@code HeadDescriptor}, {@code EntryFile}, {@code
 * TreeFile}, {@code BitFile}, {@code DataFile}, {@code RecordFile} and {@code Identity}. All numbers are little endian.
 * Files are sparse: what was never written takes no room. They are written by channels and read by mappings.
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li>An append is atomic: all its blocks under one signature, or nothing.
 *   <li>What a branch shares with its log it keeps, whatever becomes of the log.
 *   <li>What was acknowledged survives the death of the process; with {@link dev.espalier.log.Durability#DATA} or {@code
 *       FULL} also the loss of power.
 *   <li>Readers take no lock, never wait for a writer, and see whole blocks only.
 *   <li>Nothing that a peer sent is stored before its proof held; nothing on the disk is trusted beyond the signed head.
 *   <li>After a failed write the log stays readable and refuses to write until it is opened again.
 *   <li>One process has a store open at a time.
 * </ul>
 */
@NullMarked
package dev.espalier.log;

import org.jspecify.annotations.NullMarked;

/**
 * What several people sign together: their keys, what they are asked to sign, and what they answer (release specification
 * §4).
 *
 * <p>Start at {@link dev.espalier.release.multisig.KeyFolder} for keys in files and at {@link
 * dev.espalier.release.multisig.Signer} for keys kept elsewhere.
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>Bytes are those of the published JavaScript packages: key files, requests and responses go to and fro.
 *   <li>A secret key is in memory only between {@code unlock} and {@code close}, in an array that is wiped.
 *   <li>Nothing is allocated on the word of a file or a request before it was found to be within bounds.
 * </ul>
 */
@NullMarked
package dev.espalier.release.multisig;

import org.jspecify.annotations.NullMarked;

/**
 * What can be in the way of a release, and how to see it (release specification §0, §7).
 *
 * <p>Start at {@link dev.espalier.release.diagnosis.Detection}: each is made of the facts it judges, and tells {@link
 * dev.espalier.release.diagnosis.Finding}s. {@code doctor} and {@code why} gather the facts in {@link
 * dev.espalier.release.Doctor} and {@link dev.espalier.release.Why}; {@code stage} and the multisig commands warn by the
 * same detections.
 *
 * <h2>Guarantees</h2>
 * <ul>
 *   <li>Looking changes nothing.
 *   <li>What lies in a folder or drive is read with bounds, whoever wrote it.
 *   <li>What cannot be known is not guessed: it is said so, or nothing is said.
 * </ul>
 */
@NullMarked
package dev.espalier.release.diagnosis;

import org.jspecify.annotations.NullMarked;

/**
 * Release operations on drives and logs: each a stream of events that ends with a result.
 *
 * <p>Start at {@link dev.espalier.release.Releases}. What can be in the way of a release is one small class for each thing,
 * a {@code Detection}, made of the facts it judges; {@link dev.espalier.release.Doctor} and {@link
 * dev.espalier.release.Why} gather facts, and {@code stage} and the multisig operations warn by the same detections.
 */
@NullMarked
package dev.espalier.release;

import org.jspecify.annotations.NullMarked;

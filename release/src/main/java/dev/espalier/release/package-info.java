/**
 * Release operations on drives and logs: each a stream of events that ends with a result.
 *
 * <p>Start at {@link dev.espalier.release.Releases}.
 */
@NullMarked
package dev.espalier.release;

import org.jspecify.annotations.NullMarked;

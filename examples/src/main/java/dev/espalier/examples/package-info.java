/**
 * Small programs on the public API, each with a {@code main}.
 *
 * <p>What stands between {@code // region} and {@code // endregion} is shown in the README and in {@code docs}, word for
 * word; a test compares them.
 */
@NullMarked
package dev.espalier.examples;

import org.jspecify.annotations.NullMarked;

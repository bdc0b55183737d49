/** Runs the examples, and everything that README and docs show. */
@NullMarked
package dev.espalier.examples;

import org.jspecify.annotations.NullMarked;

/**
 * Benchmarks: one question per class, its baseline in the same class.
 *
 * <p>A method whose name begins with {@code baseline} does only the part of the work that nobody can avoid; the figure to
 * read is the ratio to it. {@code bench/README.md} says how to run them. Nothing here asserts a time: {@code
 * BenchmarksRunTest} only keeps them running.
 */
@NullMarked
package dev.espalier.bench;

import org.jspecify.annotations.NullMarked;

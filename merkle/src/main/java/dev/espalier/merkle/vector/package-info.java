/**
 * Hashing on the module {@code jdk.incubator.vector}. Nothing in here is loaded unless that module is there: {@code java
 * --add-modules jdk.incubator.vector}.
 */
@NullMarked
package dev.espalier.merkle.vector;

import org.jspecify.annotations.NullMarked;

/** Tests of the drive layer: vectors first, then laws, then hostile input. */
@NullMarked
package dev.espalier.drive;

import org.jspecify.annotations.NullMarked;

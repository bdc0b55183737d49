/**
 * Tests against the published JavaScript packages, in the versions that {@code package-lock.json} pins.
 *
 * <p>Start at {@link dev.espalier.interop.NodePeers}: it starts one of the scripts in {@code peers/} as a process of
 * its own and hands out a {@link dev.espalier.interop.NodePeer}, whose JSON lines a test awaits. Mark the test class
 * with {@link dev.espalier.interop.RequiresNode}.
 */
@NullMarked
package dev.espalier.interop;

import org.jspecify.annotations.NullMarked;

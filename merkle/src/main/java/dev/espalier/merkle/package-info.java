/**
 * Pure computation on signed append-only Merkle logs: no I/O, no threads.
 *
 * <p>Start at {@link dev.espalier.merkle.FlatTree} for the numbering of nodes, {@link
 * dev.espalier.merkle.TreeBatch} for growing a tree, {@link dev.espalier.merkle.Prover} and {@link
 * dev.espalier.merkle.ProofVerifier} for proofs, {@link dev.espalier.merkle.Manifest} and {@link
 * dev.espalier.merkle.HeadVerifier} for who may sign what. Larger forks are taken over with {@link
 * dev.espalier.merkle.Reorg}, double signing is shown with {@link dev.espalier.merkle.Conflict}, and {@link
 * dev.espalier.merkle.StandaloneProof} carries a block to somebody who has the key alone.
 *
 * <p>Whatever is hashed, signed or encoded here is bit-identical to the JavaScript packages hypercore 11,
 * hypercore-crypto 3 and corestore 7. Decoders treat their input as hostile: every length is checked before it
 * is used.
 */
@NullMarked
package dev.espalier.merkle;

import org.jspecify.annotations.NullMarked;

/**
 * The {@code espalier} command: parses what was typed, runs an operation of {@link dev.espalier.release}, and shows its
 * events to a person or as JSON lines. It has no logic of its own.
 *
 * <p>{@link dev.espalier.cli.Main} is the entry. Each command is a class named after it; {@link
 * dev.espalier.cli.StoreRunner} gets it a store, its own or, through {@link dev.espalier.cli.holder}, that of another
 * process.
 */
@NullMarked
package dev.espalier.cli;

import org.jspecify.annotations.NullMarked;

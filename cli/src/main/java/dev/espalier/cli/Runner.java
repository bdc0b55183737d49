package dev.espalier.cli;

/** Runs commands; there is one for the process in which they are typed and one for the process that holds a store. */
interface Runner {

    /** Runs it and returns the exit status. */
    int run(OperationCommand command);
}

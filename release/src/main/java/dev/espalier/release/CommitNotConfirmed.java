package dev.espalier.release;

import java.util.List;

/**
 * D13: a commit was begun and has not ended.
 *
 * @param release the version of production that it makes
 */
record CommitNotConfirmed(Link release) implements Detection {

    @Override
    public List<Finding> findings() {
        return List.of(Finding.failure(
                        "D13",
                        "COMMIT_NOT_CONFIRMED",
                        "Production is in an intermediate state: the commit of " + release
                                + " was begun here and has not ended; rerun: espalier multisig commit, with the same"
                                + " request and responses.",
                        "It may be run on any machine, by anybody who has request and responses; leave it running until"
                                + " two seeders have all of it.")
                .typing("espalier multisig commit REQUEST RESPONSE... --peer HOST:PORT"));
    }
}

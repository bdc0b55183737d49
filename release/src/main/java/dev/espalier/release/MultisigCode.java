package dev.espalier.release;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * D12: what a code of the multisig commands means (release specification §4.5).
 *
 * @param code the code; {@link #isKnown}
 */
record MultisigCode(String code) implements Detection {

    private static final String SEED_SOURCE = "espalier seed PROVISION --listen PORT";
    private static final String SEED_TARGET = "espalier seed PRODUCTION --listen PORT";
    private static final String REQUEST = "espalier multisig request";
    private static final String PROVISION = "espalier provision STAGE PROVISION PRODUCTION";

    private record Meaning(String cause, String advice, String command) {}

    private static final Map<String, Meaning> MEANINGS = Map.ofEntries(
            Map.entry(
                    "SOURCE_CORE_TOO_SMALL",
                    new Meaning(
                            "The provision link did not reach the requested length in time.",
                            "Check the length against what provision printed, and that the link is seeded.",
                            "espalier info PROVISION --peer HOST:PORT")),
            Map.entry(
                    "SOURCE_CORE_INSUFFICIENT_PEERS",
                    new Meaning(
                            "Fewer than two peers have the provision link, this machine not counted.",
                            "Seed it on more machines.",
                            SEED_SOURCE)),
            Map.entry(
                    "SOURCE_CORE_NOT_FULLY_SEEDED",
                    new Meaning(
                            "Fewer than two peers hold all of the provision link.",
                            "Wait until they do, or seed it on more machines.",
                            SEED_SOURCE)),
            Map.entry(
                    "SRC_KEY_MISMATCH",
                    new Meaning(
                            "The provision link hashes to something else than the request says: it is another link, or"
                                    + " it was rewritten.",
                            "Check srcKey in multisig.json, then make a new request and let it be signed.",
                            REQUEST)),
            Map.entry(
                    "TARGET_CORE_TOO_BIG",
                    new Meaning(
                            "Production has more than the provision link: it was made from an older production.",
                            "Provision again, with production as it is.",
                            PROVISION)),
            Map.entry(
                    "TARGET_NOT_EMPTY",
                    new Meaning(
                            "--first-commit was given, and production has something.",
                            "Leave the flag out; a first commit that was interrupted is gone on with by running it again"
                                    + " with the same request.",
                            "espalier multisig commit REQUEST RESPONSE... --peer HOST:PORT")),
            Map.entry(
                    "TARGET_CORE_INSUFFICIENT_PEERS",
                    new Meaning(
                            "Fewer than two peers have production.",
                            "Seed it on more machines; for the very first release, add --first-commit.",
                            SEED_TARGET)),
            Map.entry(
                    "TARGET_CORE_NOT_FULLY_SEEDED",
                    new Meaning(
                            "Fewer than two peers hold all of production.",
                            "Wait until they do, or seed it on more machines.",
                            SEED_TARGET)),
            Map.entry(
                    "INCOMPATIBLE_SOURCE_AND_TARGET",
                    new Meaning(
                            "What production holds is not the beginning of the provision link.",
                            "Never force it: seed the provision link on more machines and try again; else touch a new"
                                    + " link, provision to it and set it as srcKey.",
                            PROVISION)),
            Map.entry(
                    "COMMIT_FAILED",
                    new Meaning(
                            "The request is older than what is out.",
                            "Make a new request and let it be signed.",
                            REQUEST)),
            Map.entry(
                    "INVALID_SIGNATURE",
                    new Meaning(
                            "Signatures are for other signers, another order of them, another quorum, namespace or"
                                    + " fork; the sentence of the failure names what differs.",
                            "Compare multisig.json with that of the person who made the request; a provision link that"
                                    + " was truncated must be replaced.",
                            REQUEST)),
            Map.entry(
                    "ERR_INSUFFICIENT_QUORUM",
                    new Meaning(
                            "Fewer signers answered than must; who answers twice counts once.",
                            "Let those sign whom the sentence of the failure names.",
                            "espalier multisig sign REQUEST")));

    /** Whether it is such a code. */
    public static boolean isKnown(String code) {
        return MEANINGS.containsKey(code);
    }

    /** All such codes, in their alphabetical order. */
    public static List<String> codes() {
        return List.copyOf(new TreeSet<>(MEANINGS.keySet()));
    }

    @Override
    public List<Finding> findings() {
        Meaning meaning = MEANINGS.get(code);
        return meaning == null
                ? List.of()
                : List.of(Finding.note("D12", code, meaning.cause(), meaning.advice())
                        .typing(meaning.command()));
    }
}

package dev.espalier.log;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a file of a store holds. Four letters in its header say it. */
enum FileKind {
    /** {@code store}: primary key. */
    STORE("STOR"),
    /** A file in {@code names/}: which log a name means. */
    NAME("NAME"),
    /** {@code journal}: a change of several steps that is being made. */
    JOURNAL("JRNL"),
    /** {@code conflict} of a log: evidence that it was signed twice. */
    CONFLICT("CONF"),
    /** {@code branch} of a branch of a log: its name, and what it shares with the log. */
    BRANCH("BRAN"),
    /** {@code identity} of a log: key, manifest, who signs, user data. */
    IDENTITY("IDEN"),
    /** {@code head} of a log: its newest signed state. */
    HEAD("HEAD"),
    /** {@code data} of a log: bytes of blocks. */
    DATA("DATA"),
    /** {@code entries} of a log: where each block lies. */
    ENTRIES("ENTR"),
    /** {@code tree} of a log: Merkle nodes. */
    TREE("TREE"),
    /** {@code bits} of a log: which blocks are held. */
    BITS("BITS"),
    /** A log in one portable file, outside of any store. */
    EXPORT("EXPO");

    private final int code;

    FileKind(String letters) {
        byte[] ascii = letters.getBytes(StandardCharsets.US_ASCII);
        this.code = ascii[0] | ascii[1] << 8 | ascii[2] << 16 | ascii[3] << 24;
    }

    /** The four letters as a little-endian number. */
    int code() {
        return code;
    }

    /** The name of the file in a log's folder. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

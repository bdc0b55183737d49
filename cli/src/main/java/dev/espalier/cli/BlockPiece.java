package dev.espalier.cli;

import dev.espalier.release.Event;
import dev.espalier.release.LogRead;
import java.util.Base64;

/**
 * A block that is handed out as JSON.
 *
 * @param index its index
 * @param byteLength its length
 * @param value its bytes in Base64
 */
record BlockPiece(long index, long byteLength, String value) implements Event {

    @Override
    public String tag() {
        return "block";
    }

    /** Where a command hands blocks: raw to standard output, or as events. */
    static LogRead.Sink sink(Workspace work) {
        return work.json()
                ? (index, bytes) -> work.tell()
                        .accept(new BlockPiece(
                                index, bytes.length, Base64.getEncoder().encodeToString(bytes)))
                : LogRead.Sink.to(work.output());
    }
}

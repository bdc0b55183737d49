package dev.espalier.cli;

import dev.espalier.release.Event;
import dev.espalier.release.LogProof;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A proof that is handed out as JSON.
 *
 * @param byteLength its length
 * @param value its bytes in Base64
 */
record ProofPiece(long byteLength, String value) implements Event {

    @Override
    public String tag() {
        return "proof";
    }

    /** Where a command hands a proof: to a file, else raw to standard output, or as an event. */
    static LogProof.Sink sink(Workspace work, @Nullable Path file) {
        if (file != null) {
            return bytes -> Files.write(work.resolve(file), bytes);
        }
        return work.json()
                ? bytes -> work.tell()
                        .accept(new ProofPiece(bytes.length, Base64.getEncoder().encodeToString(bytes)))
                : work.output()::write;
    }
}

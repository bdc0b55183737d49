package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Conflict;
import dev.espalier.merkle.Proof;
import org.jspecify.annotations.Nullable;

/**
 * The {@code conflict} file of a log, there only when its signers signed two trees of the same fork and length: a
 * {@link RecordFile} whose payload is {@code uint fork ‖ uint length ‖ buffer own proof ‖ buffer other proof}, proofs as
 * they travel. It is never replaced or taken away.
 */
final class ConflictFile {

    private ConflictFile() {}

    /** What a log's file says; null when there is none. */
    static @Nullable Conflict read(Storage storage, LogFolder folder) {
        CompactReader in = RecordFile.read(storage, folder.file(FileKind.CONFLICT), FileKind.CONFLICT, folder.tag());
        return in == null ? null : new Conflict(in.uint(), in.uint(), proof(in.buffer()), proof(in.buffer()));
    }

    /** Writes the file; durable on return. */
    static void write(Storage storage, LogFolder folder, Conflict conflict) {
        CompactWriter out = new CompactWriter(1024)
                .uint(conflict.fork())
                .uint(conflict.length())
                .buffer(bytes(conflict.own()))
                .buffer(bytes(conflict.other()));
        RecordFile.write(storage, folder.file(FileKind.CONFLICT), FileKind.CONFLICT, folder.tag(), out, false);
    }

    private static Proof proof(byte[] bytes) {
        return Proof.decode(new CompactReader(bytes)).proof();
    }

    private static byte[] bytes(Proof proof) {
        CompactWriter out = new CompactWriter(512);
        proof.encode(out, 0);
        return out.toByteArray();
    }
}

package dev.espalier.log;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.Hash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The {@code branch} file of a branch in {@code branches/<H(name)>/} of its log's folder: {@code string name ‖ uint
 * generation ‖ uint base}. Written last when a branch is made; without it there is no branch. The branch's own files lie
 * beside it in a folder named after the generation, and take no notice of folders of others.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param name the branch's name
 * @param generation which folder holds its own files
 * @param base blocks below this are those of the log
 */
record BranchFile(String name, long generation, long base) {

    /** Where the branches of a log lie. */
    static Path folder(LogFolder log) {
        return log.folder().resolve("branches");
    }

    /** Where the branch of a name lies. */
    static Path folder(LogFolder log, String name) {
        return folder(log)
                .resolve(Hash.digest(name.getBytes(StandardCharsets.UTF_8)).toString());
    }

    /** Where the own files lie of a generation. */
    static LogFolder files(LogFolder log, Path branch, long generation) {
        return new LogFolder(branch.resolve(Long.toString(generation)), log.discoveryKey());
    }

    private static Path file(Path branch) {
        return branch.resolve(FileKind.BRANCH.fileName());
    }

    /** Reads the file in the folder of a branch; null when there is none. */
    static @Nullable BranchFile read(Storage storage, LogFolder log, Path branch) {
        CompactReader in = RecordFile.read(storage, file(branch), FileKind.BRANCH, log.tag());
        return in == null ? null : new BranchFile(in.string(), in.uint(), in.uint());
    }

    /** Writes the file, durable on return. */
    void write(Storage storage, LogFolder log, Path branch) {
        CompactWriter payload =
                new CompactWriter(128).string(name).uint(generation).uint(base);
        RecordFile.write(storage, file(branch), FileKind.BRANCH, log.tag(), payload, false);
    }

    /** Makes the branch absent, durable on return. */
    static void delete(Storage storage, Path branch) {
        storage.delete(file(branch));
        storage.forceFolder(branch);
    }
}

package dev.espalier.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.StandaloneProof;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Proves one block of a log to somebody who has nothing but the log's key. */
public final class ProveABlock {

    private static final int BLOCKS = 1000;

    private ProveABlock() {}

    /** Keeps its store in the folder {@code args[0]}, {@code espalier-data} by default. */
    public static void main(String[] args) {
        Path folder = Path.of(args.length > 0 ? args[0] : "espalier-data");
        try (LogStore store = LogStore.open(folder)) {
            Log log = store.log("measurements");
            List<ByteBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < BLOCKS; i++) {
                blocks.add(UTF_8.encode("measurement " + i));
            }
            log.append(blocks);

            byte[] message = prove(log, 7);
            System.out.println(message.length + " bytes prove a block of a log of " + log.byteLength() + " bytes");
            System.out.println(UTF_8.decode(verify(log.key(), 7, message)));
        }
    }

    // region prove
    /** The block, its path in the tree and the signed head, as one message. */
    static byte[] prove(Log log, long index) {
        ByteBuffer block = ByteBuffer.wrap(log.get(index));
        return StandaloneProof.ofBlock(log.key(), log.manifest(), log.nodes(), log.head(), index, block)
                .encode();
    }

    /** The block, just as the owner of {@code key} signed it; a VerificationException when it is not. */
    static ByteBuffer verify(Key key, long index, byte[] message) {
        StandaloneProof.Verified verified =
                StandaloneProof.decode(ByteBuffer.wrap(message)).verify(key);
        if (verified.block() == null || verified.block().index() != index) {
            throw new IllegalArgumentException("the message proves something else than block " + index);
        }
        return verified.block().value();
    }
    // endregion
}

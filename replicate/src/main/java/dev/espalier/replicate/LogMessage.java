package dev.espalier.replicate;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.Proof;
import dev.espalier.merkle.ProofRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a log channel (replication specification §3.3).
 *
 * <p>Buffers in decoded messages are views of what was decoded and live as long as that does.
 */
sealed interface LogMessage {

    /** Number of the message type. */
    int type();

    /** Appends the body. */
    void encode(CompactWriter out);

    /**
     * Reads a body; null for a type that is not known.
     *
     * @throws EncodingException when the bytes are no such message
     */
    static @Nullable LogMessage decode(int type, CompactReader in) {
        return switch (type) {
            case Sync.TYPE -> Sync.decode(in);
            case Request.TYPE -> Request.decode(in);
            case Cancel.TYPE -> new Cancel(in.uint());
            case Data.TYPE -> Data.decode(in);
            case NoData.TYPE -> NoData.decode(in);
            case Want.TYPE -> Want.decode(in);
            case Unwant.TYPE -> Unwant.decode(in);
            case Bitfield.TYPE -> Bitfield.decode(in);
            case Range.TYPE -> Range.decode(in);
            case Extension.TYPE -> Extension.decode(in);
            default -> null;
        };
    }

    /**
     * What a side is and does.
     *
     * @param fork its fork
     * @param length its length
     * @param remoteLength the length it last heard from the other side; 0 when the forks differ
     * @param canUpgrade it can prove an upgrade from the other side's length to its own
     * @param uploading it answers requests
     * @param downloading it wants or may want something
     * @param hasManifest it knows a manifest worth sending
     * @param allowPush it takes blocks it did not ask for
     */
    record Sync(
            long fork,
            long length,
            long remoteLength,
            boolean canUpgrade,
            boolean uploading,
            boolean downloading,
            boolean hasManifest,
            boolean allowPush)
            implements LogMessage {

        static final int TYPE = 0;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            int flags = (canUpgrade ? 1 : 0)
                    | (uploading ? 2 : 0)
                    | (downloading ? 4 : 0)
                    | (hasManifest ? 8 : 0)
                    | (allowPush ? 16 : 0);
            out.uint(flags).uint(fork).uint(length).uint(remoteLength);
        }

        static Sync decode(CompactReader in) {
            long flags = in.uint();
            long fork = in.uint();
            long length = in.uint();
            long remoteLength = in.uint();
            return new Sync(
                    fork,
                    length,
                    remoteLength,
                    (flags & 1) != 0,
                    (flags & 2) != 0,
                    (flags & 4) != 0,
                    (flags & 8) != 0,
                    (flags & 16) != 0);
        }
    }

    /** Asks for proofs. {@code id} 0 asks whether both sides have the same tree. */
    record Request(long id, long fork, ProofRequest ask, long priority) implements LogMessage {

        static final int TYPE = 1;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            ProofRequest.Node block = ask.block();
            ProofRequest.Node hash = ask.hash();
            ProofRequest.Seek seek = ask.seek();
            ProofRequest.Upgrade upgrade = ask.upgrade();
            int flags = (block != null ? 1 : 0)
                    | (hash != null ? 2 : 0)
                    | (seek != null ? 4 : 0)
                    | (upgrade != null ? 8 : 0)
                    | (ask.manifest() ? 16 : 0)
                    | (priority != 0 ? 32 : 0);
            out.uint(flags).uint(id).uint(fork);
            if (block != null) {
                out.uint(block.index()).uint(block.nodes());
            }
            if (hash != null) {
                out.uint(hash.index()).uint(hash.nodes());
            }
            if (seek != null) {
                out.uint(seek.bytes()).uint(seek.padding());
            }
            if (upgrade != null) {
                out.uint(upgrade.start()).uint(upgrade.length());
            }
            if (priority != 0) {
                out.uint(priority);
            }
        }

        static Request decode(CompactReader in) {
            long flags = in.uint();
            long id = in.uint();
            long fork = in.uint();
            ProofRequest.Node block = (flags & 1) != 0 ? new ProofRequest.Node(in.uint(), in.uint()) : null;
            ProofRequest.Node hash = (flags & 2) != 0 ? new ProofRequest.Node(in.uint(), in.uint()) : null;
            ProofRequest.Seek seek = (flags & 4) != 0 ? new ProofRequest.Seek(in.uint(), in.uint()) : null;
            ProofRequest.Upgrade upgrade = (flags & 8) != 0 ? new ProofRequest.Upgrade(in.uint(), in.uint()) : null;
            ProofRequest ask = new ProofRequest(block, hash, seek, upgrade, (flags & 16) != 0);
            return new Request(id, fork, ask, (flags & 32) != 0 ? in.uint() : 0);
        }
    }

    /** Takes a request back. */
    record Cancel(long request) implements LogMessage {

        static final int TYPE = 2;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            out.uint(request);
        }
    }

    /** Answers a request. Encoded with a copy of the block; {@link AnswerEncoder} does it without. */
    record Data(long request, Proof proof) implements LogMessage {

        static final int TYPE = 3;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            proof.encodeBeforeValue(out, request);
            Proof.Block block = proof.block();
            if (block != null && block.value() != null) {
                out.raw(block.value());
            }
            proof.encodeAfterValue(out);
        }

        static Data decode(CompactReader in) {
            Proof.Message message = Proof.decode(in);
            return new Data(message.request(), message.proof());
        }
    }

    /** Answers that nothing comes. */
    record NoData(long request, long reason) implements LogMessage {

        static final int TYPE = 4;

        /** The block, or the fork asked for, is not here. */
        static final int NOT_AVAILABLE = 1;

        /** The request makes no sense for this log. */
        static final int INVALID_REQUEST = 2;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            out.uint(request).uint(reason != 0 ? 1 : 0);
            if (reason != 0) {
                out.uint(reason);
            }
        }

        static NoData decode(CompactReader in) {
            long request = in.uint();
            // Older peers leave the flags out.
            long flags = in.remaining() > 0 ? in.uint() : 0;
            return new NoData(request, (flags & 1) != 0 ? in.uint() : 0);
        }
    }

    /** Asks which of these blocks the other side has, now and later; with {@code any} whether it has one. */
    record Want(long start, long length, boolean any) implements LogMessage {

        static final int TYPE = 5;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            region(out, start, length, any);
        }

        static Want decode(CompactReader in) {
            return new Want(in.uint(), in.uint(), in.remaining() > 0 && (in.uint() & 1) != 0);
        }

        private static void region(CompactWriter out, long start, long length, boolean any) {
            out.uint(start).uint(length);
            if (any) {
                out.uint(1);
            }
        }
    }

    /** Takes a {@link Want} back. */
    record Unwant(long start, long length, boolean any) implements LogMessage {

        static final int TYPE = 6;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            Want.region(out, start, length, any);
        }

        static Unwant decode(CompactReader in) {
            return new Unwant(in.uint(), in.uint(), in.remaining() > 0 && (in.uint() & 1) != 0);
        }
    }

    /** Which blocks are there: bit i of {@code words} (bytes, least significant bit first) stands for start + i. */
    record Bitfield(long start, ByteBuffer words) implements LogMessage {

        static final int TYPE = 7;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            out.uint(start).uint(words.remaining() / Integer.BYTES).raw(words);
        }

        static Bitfield decode(CompactReader in) {
            long start = in.uint();
            int bytes = in.count(Integer.BYTES) * Integer.BYTES;
            if ((start & 31) != 0) {
                throw new EncodingException("bitfield starts at " + start + ", expected a multiple of 32");
            }
            return new Bitfield(start, in.rest().slice(0, bytes));
        }
    }

    /** Blocks {@code start} to {@code start + length - 1} are there, or with {@code drop} no longer. */
    record Range(boolean drop, long start, long length) implements LogMessage {

        static final int TYPE = 8;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            out.uint((drop ? 1 : 0) | (length == 1 ? 2 : 0)).uint(start);
            if (length != 1) {
                out.uint(length);
            }
        }

        static Range decode(CompactReader in) {
            long flags = in.uint();
            long start = in.uint();
            return new Range((flags & 1) != 0, start, (flags & 2) != 0 ? 1 : in.uint());
        }
    }

    /** A message of a named extension; an empty name means the same as before in this direction. */
    record Extension(String name, ByteBuffer payload) implements LogMessage {

        static final int TYPE = 9;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void encode(CompactWriter out) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            out.buffer(bytes).raw(payload);
        }

        static Extension decode(CompactReader in) {
            return new Extension(in.string(), in.rest());
        }
    }
}

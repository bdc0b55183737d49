package dev.espalier.release.multisig;

import dev.espalier.drive.DriveKeys;
import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.HeadVerifier;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Signer;
import dev.espalier.merkle.VerificationException;
import dev.espalier.merkle.ZBase32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What signers are asked to sign: the head that a log of theirs, or the two logs of a drive, shall have (release
 * specification §4.3).
 *
 * <pre>
 * uint version (1 to 3) | [version 3: 00] | uint length | uint fork | tree hash 32 | manifest
 * | uint flags (1 = drive) | [drive: uint blobs length | blobs tree hash 32]
 * </pre>
 *
 * It travels as z-base-32 text. What a signer signs is the same head as a log signs at an append: 112 bytes for the
 * database, and as many for the blobs, whose log follows from the manifest of the database.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SigningRequest {

    /** The version that JavaScript's hypercore-sign 3.0 can read. */
    public static final int LEGACY_VERSION = 2;

    /** The newest version. */
    public static final int VERSION = 3;

    private static final int DRIVE = 1;
    private static final int MAX_TEXT = 1 << 20;
    private static final String INVALID = "ERR_INVALID_REQUEST";

    private final int version;
    private final Manifest manifest;
    private final long fork;
    private final Head head;
    private final @Nullable Head blobs;
    private final byte[] encoded;

    /**
     * How long a log shall be, and what it shall hash to.
     *
     * @param length number of blocks
     * @param treeHash hash of its tree
     */
    public record Head(long length, Hash treeHash) {}

    /**
     * One log that is signed.
     *
     * @param name {@code db}, {@code blobs} or {@code core}
     * @param manifest its manifest
     * @param head what is signed
     */
    public record Part(String name, Manifest manifest, Head head) {}

    private SigningRequest(
            int version, Manifest manifest, long fork, Head head, @Nullable Head blobs, byte @Nullable [] received) {
        this.version = version;
        this.manifest = manifest;
        this.fork = fork;
        this.head = head;
        this.blobs = blobs;
        this.encoded = received != null ? received : encode();
    }

    /**
     * A new request.
     *
     * @param version {@link #VERSION}, or {@link #LEGACY_VERSION} for old tools
     * @param blobs head of the blobs of a drive; null for a single log
     * @throws EspalierException {@code ERR_INVALID_REQUEST} for an empty log, or a manifest that no drive can have
     */
    public static SigningRequest of(int version, Manifest manifest, long fork, Head head, @Nullable Head blobs) {
        return checked(new SigningRequest(version, manifest, fork, head, blobs, null));
    }

    /**
     * Reads a request from its text; white space in it is ignored.
     *
     * @throws EspalierException {@code ERR_INVALID_REQUEST} saying what is wrong
     */
    public static SigningRequest parse(String text) {
        return decode(bytes(text, "signing request", INVALID));
    }

    /** The bytes of z-base-32 text that somebody may have broken into lines. */
    static byte[] bytes(String text, String what, String code) {
        String digits = text.length() > MAX_TEXT ? "" : text.replaceAll("\\s+", "");
        if (text.isBlank()) {
            throw new EspalierException(code, "This is no " + what + ": there is nothing in it.");
        }
        if (digits.isEmpty() || !ZBase32.isValid(digits)) {
            throw new EspalierException(
                    code, "This is no " + what + ": it consists of small letters and digits, without l, v, 0 and 2.");
        }
        return ZBase32.decode(digits);
    }

    /**
     * Reads a request.
     *
     * @throws EspalierException {@code ERR_INVALID_REQUEST} saying what is wrong
     */
    public static SigningRequest decode(byte[] bytes) {
        try {
            return checked(read(bytes));
        } catch (EncodingException e) {
            throw new EspalierException(INVALID, "This is no signing request: " + e.getMessage() + ".", e);
        }
    }

    private static SigningRequest read(byte[] bytes) {
        CompactReader in = new CompactReader(bytes);
        long version = in.uint();
        if (version < 1 || version > VERSION) {
            throw new EspalierException(
                    INVALID, "Unknown signing request version: " + version + "; known are 1 to " + VERSION + ".");
        }
        if (version == VERSION && in.uint8() != 0) {
            throw new EspalierException(INVALID, "Expected an encoded request, this is a response.");
        }
        long length = in.uint();
        long fork = in.uint();
        Hash treeHash = in.hash();
        Manifest manifest = Manifest.decode(in);
        long flags = in.remaining() > 0 ? in.uint() : 0;
        Head blobs = (flags & DRIVE) != 0 ? new Head(in.uint(), in.hash()) : null;
        if (in.remaining() > 0) {
            throw new EspalierException(
                    INVALID, "Unparsed padding left in request, bailing: " + in.remaining() + " bytes follow its end.");
        }
        return new SigningRequest((int) version, manifest, fork, new Head(length, treeHash), blobs, bytes.clone());
    }

    private static SigningRequest checked(SigningRequest request) {
        if (request.head.length() == 0) {
            throw new EspalierException(INVALID, "Refusing to sign length = 0.");
        }
        try {
            HeadVerifier.of(request.key(), request.manifest);
        } catch (VerificationException e) {
            throw new EspalierException(INVALID, "The request can never be fulfilled: " + e.getMessage() + ".", e);
        }
        request.parts();
        return request;
    }

    /** Whether these bytes may be a request; up to version 2 requests and responses look the same at their beginning. */
    public static boolean isRequest(byte[] bytes) {
        return isKind(bytes, 0);
    }

    static boolean isKind(byte[] bytes, int kind) {
        try {
            CompactReader in = new CompactReader(bytes);
            return in.uint() < VERSION || in.uint8() == kind;
        } catch (EncodingException e) {
            return false;
        }
    }

    private byte[] encode() {
        CompactWriter out = new CompactWriter(512);
        out.uint(version);
        if (version >= VERSION) {
            out.uint8(0);
        }
        out.uint(head.length()).uint(fork).hash(head.treeHash()).raw(manifest.encoded());
        out.uint(blobs == null ? 0 : DRIVE);
        if (blobs != null) {
            out.uint(blobs.length()).hash(blobs.treeHash());
        }
        return out.toByteArray();
    }

    /** 1 to 3. */
    public int version() {
        return version;
    }

    /** Who signs: the manifest of the log, or of the database of the drive. */
    public Manifest manifest() {
        return manifest;
    }

    /** The key of the log, or of the drive. */
    public Key key() {
        return manifest.key();
    }

    /** The fork that is signed; 0 for all that can be committed. */
    public long fork() {
        return fork;
    }

    /** Head of the log, or of the database of the drive. */
    public Head head() {
        return head;
    }

    /** Head of the blobs; null for a single log. */
    public @Nullable Head blobs() {
        return blobs;
    }

    /** Whether it is of a drive. */
    public boolean isDrive() {
        return blobs != null;
    }

    /** The logs, in the order in which signatures are given. */
    public List<Part> parts() {
        if (blobs == null) {
            return List.of(new Part("core", manifest, head));
        }
        Manifest content = DriveKeys.blobsManifest(manifest, manifest.key());
        if (content == null) {
            throw new EspalierException(INVALID, "Drive is not compatible, needs v1 manifest.");
        }
        return List.of(new Part("db", manifest, head), new Part("blobs", content, blobs));
    }

    /** Public keys of all who may sign, in the order of the manifest. */
    public List<Key> signers() {
        return manifest.signers().stream().map(Signer::publicKey).toList();
    }

    /** Position of a signer in the manifest; -1 when it is none. */
    public int indexOf(Key publicKey) {
        return signers().indexOf(publicKey);
    }

    /**
     * The messages that a signer signs, one for each of the {@link #parts}.
     *
     * @throws EspalierException {@code ERR_UNKNOWN_SIGNER}
     */
    public List<byte[]> signables(Key publicKey) {
        int index = indexOf(publicKey);
        if (index < 0) {
            throw new EspalierException(
                    "ERR_UNKNOWN_SIGNER",
                    "Public key is not a declared signer for this request: " + publicKey + " is none of its "
                            + signers().size() + ".");
        }
        List<byte[]> messages = new ArrayList<>();
        for (Part part : parts()) {
            messages.add(HeadVerifier.of(part.manifest().key(), part.manifest())
                    .signable(index, part.head().treeHash(), part.head().length(), fork));
        }
        return messages;
    }

    /** A copy of the bytes: as received, or in shortest form when made here. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** What a response names it by: {@code H(encoded)}. */
    public Hash hash() {
        return Hash.digest(encoded);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SigningRequest that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** The text in which it travels. */
    @Override
    public String toString() {
        return ZBase32.encode(encoded);
    }
}

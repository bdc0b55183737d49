package dev.espalier.merkle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may sign a log, and what of it is fixed (log specification §5).
 *
 * <p>A log's key is the hash of its manifest's bytes. A received manifest therefore keeps the bytes it came in, even
 * where they are longer than needed; one built here is encoded in the shortest form.
 *
 * <p>Equality is that of the bytes. <b>Threading:</b> immutable.
 */
public final class Manifest {

    /** Newest version that is understood. */
    public static final int MAX_VERSION = 3;

    private static final int ALLOW_PATCH = 1;
    private static final int PROLOGUE = 2;
    private static final int LINKED = 4;
    private static final int USER_DATA = 8;

    private final int version;
    private final boolean allowPatch;
    private final int quorum;
    private final List<Signer> signers;
    private final @Nullable Prologue prologue;
    private final @Nullable List<Key> linked;
    private final byte @Nullable [] userData;
    private final byte[] encoded;
    private final Key key;

    private Manifest(
            int version,
            boolean allowPatch,
            int quorum,
            List<Signer> signers,
            @Nullable Prologue prologue,
            @Nullable List<Key> linked,
            byte @Nullable [] userData,
            byte @Nullable [] received) {
        this.version = version;
        this.allowPatch = allowPatch;
        this.quorum = quorum;
        this.signers = List.copyOf(signers);
        this.prologue = prologue;
        this.linked = linked == null ? null : List.copyOf(linked);
        this.userData = userData;
        this.encoded = received != null ? received : encode();
        this.key = Key.of(Blake2b.hash(Namespaces.MANIFEST.raw(), encoded));
    }

    /** The default of this library: version 1, one signer, quorum 1, {@link Namespaces#DEFAULT_NAMESPACE}. */
    public static Manifest singleSigner(Key publicKey) {
        return builder()
                .signer(new Signer(Namespaces.DEFAULT_NAMESPACE, publicKey))
                .build();
    }

    /** Starts a manifest; {@link Builder#build} checks it. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a manifest that extends to wherever its fields end, and keeps its bytes as they were.
     *
     * @throws EncodingException on an unknown version, hash or signature scheme, or when bytes are missing
     */
    public static Manifest decode(CompactReader in) {
        int start = in.position();
        long version = in.uint();
        if (version > MAX_VERSION) {
            throw new EncodingException("offset " + start + ": manifest version " + version
                    + " is not known, expected at most " + MAX_VERSION);
        }
        return version == 0 ? decodeV0(in, start) : decodeV1(in, start, (int) version);
    }

    private static Manifest decodeV0(CompactReader in, int start) {
        expectZero(in, "hash function");
        long type = in.uint();
        if (type == 0) {
            Prologue prologue = new Prologue(in.hash(), 0);
            return new Manifest(0, false, 0, List.of(), prologue, null, null, in.copyFrom(start));
        }
        if (type == 1) {
            List<Signer> signers = List.of(decodeSigner(in));
            return new Manifest(0, false, 1, signers, null, null, null, in.copyFrom(start));
        }
        if (type != 2) {
            throw new EncodingException("offset " + in.position() + ": manifest type is " + type + ", expected 0 to 2");
        }
        boolean allowPatch = (in.uint() & ALLOW_PATCH) != 0;
        int quorum = in.uint("quorum", CompactReader.MAX_ARRAY);
        List<Signer> signers = decodeSigners(in);
        return new Manifest(0, allowPatch, quorum, signers, null, null, null, in.copyFrom(start));
    }

    private static Manifest decodeV1(CompactReader in, int start, int version) {
        long flags = in.uint();
        expectZero(in, "hash function");
        int quorum = in.uint("quorum", CompactReader.MAX_ARRAY);
        List<Signer> signers = decodeSigners(in);
        Prologue prologue = (flags & PROLOGUE) != 0 ? new Prologue(in.hash(), in.uint()) : null;
        List<Key> linked = (flags & LINKED) != 0 ? decodeKeys(in) : null;
        byte[] userData = (flags & USER_DATA) != 0 ? in.buffer() : null;
        return new Manifest(
                version, (flags & ALLOW_PATCH) != 0, quorum, signers, prologue, linked, userData, in.copyFrom(start));
    }

    private static List<Signer> decodeSigners(CompactReader in) {
        int count = in.count(Signer.ENCODED);
        List<Signer> signers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            signers.add(decodeSigner(in));
        }
        return signers;
    }

    private static Signer decodeSigner(CompactReader in) {
        expectZero(in, "signature scheme");
        return new Signer(in.hash(), Key.of(in.fixed(Key.BYTES)));
    }

    private static List<Key> decodeKeys(CompactReader in) {
        int count = in.count(Key.BYTES);
        List<Key> keys = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            keys.add(Key.of(in.fixed(Key.BYTES)));
        }
        return keys;
    }

    private static void expectZero(CompactReader in, String what) {
        long value = in.uint();
        if (value != 0) {
            throw new EncodingException(
                    "offset " + in.position() + ": " + what + " " + value + " is not known, expected 0");
        }
    }

    private byte[] encode() {
        CompactWriter out = new CompactWriter(16 + signers.size() * Signer.ENCODED);
        out.uint(version);
        if (version == 0) {
            encodeV0(out);
            return out.toByteArray();
        }
        int flags = (allowPatch ? ALLOW_PATCH : 0)
                | (prologue != null ? PROLOGUE : 0)
                | (linked != null ? LINKED : 0)
                | (userData != null ? USER_DATA : 0);
        out.uint(flags).uint(0).uint(quorum);
        encodeSigners(out);
        if (prologue != null) {
            out.hash(prologue.hash()).uint(prologue.length());
        }
        if (linked != null) {
            out.uint(linked.size());
            for (Key link : linked) {
                out.raw(link.raw());
            }
        }
        if (userData != null) {
            out.buffer(userData);
        }
        return out.toByteArray();
    }

    private void encodeV0(CompactWriter out) {
        out.uint(0);
        if (prologue != null && signers.isEmpty()) {
            out.uint(0).hash(prologue.hash());
        } else if (quorum == 1 && signers.size() == 1 && !allowPatch) {
            out.uint(1);
            encodeSigner(out, signers.get(0));
        } else {
            out.uint(2).uint(allowPatch ? 1 : 0).uint(quorum);
            encodeSigners(out);
        }
    }

    private void encodeSigners(CompactWriter out) {
        out.uint(signers.size());
        for (Signer signer : signers) {
            encodeSigner(out, signer);
        }
    }

    private static void encodeSigner(CompactWriter out, Signer signer) {
        out.uint(0).hash(signer.namespace()).raw(signer.publicKey().raw());
    }

    /** 0 to {@link #MAX_VERSION}. */
    public int version() {
        return version;
    }

    /** Whether a signer who is further ahead may lend a signature over his longer tree (§7). */
    public boolean allowPatch() {
        return allowPatch;
    }

    /** How many signers must sign; 0 means that nothing beyond the prologue is ever valid. */
    public int quorum() {
        return quorum;
    }

    /** Who may sign, in the order in which signatures refer to them. Unmodifiable. */
    public List<Signer> signers() {
        return signers;
    }

    /** What is fixed, or null. */
    public @Nullable Prologue prologue() {
        return prologue;
    }

    /** Keys of other logs that this one names, or null. They change the key and mean nothing to the log. */
    public @Nullable List<Key> linked() {
        return linked;
    }

    /** A copy of the bytes of an application, or null. They change the key and mean nothing to the log. */
    public byte @Nullable [] userData() {
        return userData == null ? null : userData.clone();
    }

    /** A copy of the bytes that are hashed: as received, or in shortest form when built here. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** The bytes themselves, for this package only: never changed, never handed out. */
    byte[] raw() {
        return encoded;
    }

    /** The key of the log this manifest describes: {@code H(MANIFEST ‖ encoded)}. */
    public Key key() {
        return key;
    }

    /** Whether a log of {@code key} with this manifest is an old one, whose key is its only signer's public key. */
    public boolean isCompat(Key key) {
        return signers.size() == 1 && signers.get(0).publicKey().equals(key);
    }

    /** Whether this manifest belongs to the log {@code key}: by its hash, or as that of an old log. */
    public boolean describes(Key key) {
        return this.key.equals(key) || isCompat(key);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Manifest that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    /** Version, quorum and key; for people. */
    @Override
    public String toString() {
        return "Manifest[version " + version + ", " + quorum + " of " + signers.size() + ", " + key + "]";
    }

    /** Collects the parts of a manifest. <b>Threading:</b> one thread. */
    public static final class Builder {

        private int version = -1;
        private @Nullable Integer quorum;
        private boolean allowPatch;
        private final List<Signer> signers = new ArrayList<>();
        private @Nullable Prologue prologue;
        private @Nullable List<Key> linked;
        private byte @Nullable [] userData;

        private Builder() {}

        /** 0 to {@link #MAX_VERSION}; 1 when not given, or 2 when linked keys or user data need it. */
        public Builder version(int version) {
            if (version < 0 || version > MAX_VERSION) {
                throw new IllegalArgumentException("manifest version is " + version + ", expected 0 to " + MAX_VERSION);
            }
            this.version = version;
            return this;
        }

        /** Whether longer signed trees may be patched in; false when not given. */
        public Builder allowPatch(boolean allow) {
            this.allowPatch = allow;
            return this;
        }

        /** How many must sign; more than half of the signers when not given, 0 without signers. */
        public Builder quorum(int quorum) {
            this.quorum = quorum;
            return this;
        }

        /** Adds a signer after those already added. */
        public Builder signer(Signer signer) {
            signers.add(signer);
            return this;
        }

        /** Fixes the first blocks. */
        public Builder prologue(Prologue prologue) {
            this.prologue = prologue;
            return this;
        }

        /** Names other logs; needs version 2. An empty list is the same as none. */
        public Builder linked(List<Key> linked) {
            this.linked = linked.isEmpty() ? null : List.copyOf(linked);
            return this;
        }

        /** Adds bytes of the application, which are copied; needs version 2. */
        public Builder userData(byte[] userData) {
            this.userData = userData.clone();
            return this;
        }

        /**
         * The manifest.
         *
         * @throws IllegalArgumentException when the quorum is negative or above the number of signers, linked keys or
         *     user data are given below version 2, the prologue's length is not encodable, or a version 0 manifest
         *     would lose its prologue because it has signers
         */
        public Manifest build() {
            int size = signers.size();
            int needed = quorum != null ? quorum : size == 0 ? 0 : size / 2 + 1;
            if (needed < 0 || needed > size) {
                throw new IllegalArgumentException("quorum is " + needed + ", expected 0 to " + size + " signers");
            }
            boolean newer = linked != null || userData != null;
            int chosen = version >= 0 ? version : newer ? 2 : 1;
            if (newer && chosen < 2) {
                throw new IllegalArgumentException(
                        "linked keys and user data need a manifest of version 2, not " + chosen);
            }
            if (prologue != null && (prologue.length() < 0 || prologue.length() > CompactReader.MAX_UINT)) {
                throw new IllegalArgumentException("prologue length is out of range: " + prologue.length());
            }
            if (prologue != null && chosen == 0 && size > 0) {
                throw new IllegalArgumentException("a version 0 manifest with signers cannot hold a prologue");
            }
            return new Manifest(chosen, allowPatch, needed, signers, prologue, linked, userData, null);
        }
    }
}

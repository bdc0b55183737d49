package dev.espalier.release.multisig;

import dev.espalier.merkle.CompactReader;
import dev.espalier.merkle.CompactWriter;
import dev.espalier.merkle.EncodingException;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.SCrypt;
import org.jspecify.annotations.Nullable;

/**
 * A secret key under a password, as hypercore-sign and Pear keep it (release specification §4.4).
 *
 * <pre>
 * version 0, 153 bytes (hypercore-sign up to 3)
 *   ops u64 | mem u64 | salt 32 | 68 | encrypted 104
 * version 1, 186 bytes (Pear)
 *   01 | ops u64 | mem u64 | salt 32 | 68 | encrypted 104 | public key 32
 *
 * encrypted = (id 8 | secret key 64 = seed, public key | H(id | secret key) 32) XOR scrypt(password, salt)
 * </pre>
 *
 * All numbers are little endian. There is no authentication: the hash inside tells a wrong password from the right one.
 * On disk it is either these bytes or their z-base-32 text, see {@link Encoding}.
 *
 * <p><b>Threading:</b> immutable; {@link #unlock} and {@link #lock} take seconds and {@link KeyCost} memory.
 */
public final class KeyFile {

    /** Fewest bytes a new password may have. */
    public static final int MIN_PASSWORD_BYTES = 8;

    /** Most characters or bytes that either encoding takes, a line end included. */
    static final int MAX_CONTENT = 512;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String INVALID = "ERR_INVALID_KEY";
    private static final int SALT = 32;
    private static final int ID = 8;
    private static final int SECRET = 64;
    private static final int ENCRYPTED = ID + SECRET + Hash.BYTES;
    private static final int V0 = 8 + 8 + SALT + 1 + ENCRYPTED;
    private static final int V1 = 1 + V0 + Key.BYTES;

    /** How bytes are kept in files. */
    public enum Encoding {
        /** z-base-32, as hypercore-sign does. */
        TEXT,
        /** As they are, as Pear does. */
        RAW
    }

    private final int version;
    private final KeyCost cost;
    private final byte[] salt;
    private final byte[] encrypted;
    private final @Nullable Key publicKey;

    private KeyFile(int version, KeyCost cost, byte[] salt, byte[] encrypted, @Nullable Key publicKey) {
        this.version = version;
        this.cost = cost;
        this.salt = salt;
        this.encrypted = encrypted;
        this.publicKey = publicKey;
    }

    /** Puts a secret key under a password with the standard cost; the password stays the caller's to wipe. */
    public static KeyFile lock(SecretKey key, byte[] password) {
        return lock(key, password, KeyCost.STANDARD);
    }

    /**
     * The same with another cost. Below {@link KeyCost#STANDARD} a stolen file is guessed the faster: for keys that are
     * thrown away, as in a demonstration.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} for a password below {@link #MIN_PASSWORD_BYTES}; {@code
     *     ERR_KEY_MEMORY}
     */
    public static KeyFile lock(SecretKey key, byte[] password, KeyCost cost) {
        checkPassword(password);
        byte[] salt = new byte[SALT];
        byte[] plain = new byte[ENCRYPTED];
        RANDOM.nextBytes(salt);
        try {
            byte[] id = new byte[ID];
            RANDOM.nextBytes(id);
            System.arraycopy(id, 0, plain, 0, ID);
            key.copyTo(plain, ID);
            checkSum(plain).copyTo(plain, ID + SECRET);
            return new KeyFile(1, cost, salt, mask(plain, password, salt, cost), key.publicKey());
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /**
     * Looks at a password that somebody chose, before it is asked for again.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} for one below {@link #MIN_PASSWORD_BYTES}
     */
    public static void checkPassword(byte[] password) {
        if (password.length < MIN_PASSWORD_BYTES) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT",
                    "A password needs at least " + MIN_PASSWORD_BYTES + " bytes, this one has " + password.length
                            + ".");
        }
    }

    /**
     * Reads either encoding, told apart by the content.
     *
     * @throws EspalierException {@code ERR_INVALID_KEY} when it is neither
     */
    public static KeyFile read(byte[] content) {
        return parse(bytes(content, "key file", V0, V1));
    }

    /**
     * Reads a public key in either encoding: 52 digits, 64 hex digits or 32 bytes.
     *
     * @throws EspalierException {@code ERR_INVALID_KEY} when it is neither
     */
    public static Key readPublicKey(byte[] content) {
        if (content.length == Key.BYTES) {
            return Key.of(content);
        }
        String text = content.length > MAX_CONTENT ? "" : new String(content, StandardCharsets.UTF_8).strip();
        try {
            return Key.parse(text);
        } catch (EspalierException e) {
            throw new EspalierException(
                    INVALID,
                    "This is no public key: expected 52 z-base-32 digits or 32 bytes, found " + content.length
                            + " bytes.",
                    e);
        }
    }

    /** Which encoding some content of a file is in. */
    static Encoding encodingOf(byte[] content) {
        boolean raw = content.length == Key.BYTES || content.length == V0 || content.length == V1;
        return raw ? Encoding.RAW : Encoding.TEXT;
    }

    private static byte[] bytes(byte[] content, String what, int... lengths) {
        if (Arrays.stream(lengths).anyMatch(length -> content.length == length)) {
            return content;
        }
        String text = content.length > MAX_CONTENT ? "" : new String(content, StandardCharsets.US_ASCII).strip();
        if (!text.isEmpty() && ZBase32.isValid(text)) {
            return ZBase32.decode(text);
        }
        throw new EspalierException(
                INVALID,
                "This is no " + what + ": " + content.length + " bytes that are neither its text nor its " + V0 + " or "
                        + V1 + " bytes.");
    }

    private static KeyFile parse(byte[] blob) {
        CompactReader in = new CompactReader(blob);
        try {
            int version = blob.length == V0 ? 0 : (int) Math.min(in.uint(), 99);
            if (version > 1) {
                throw new EspalierException(
                        INVALID, "The key file is of version " + version + ", which is not known; update Espalier.");
            }
            if (version == 0 ? blob.length != V0 : blob.length != V1) {
                throw new EspalierException(
                        INVALID,
                        "The key file has " + blob.length + " bytes, expected " + V0 + " or " + V1
                                + ": it was cut short or added to.");
            }
            KeyCost cost = new KeyCost(in.u64(), in.u64());
            byte[] salt = in.fixed(SALT);
            byte[] encrypted = in.buffer();
            if (encrypted.length != ENCRYPTED) {
                throw new EspalierException(
                        INVALID,
                        "The key file holds " + encrypted.length + " encrypted bytes, expected " + ENCRYPTED + ".");
            }
            return new KeyFile(version, cost, salt, encrypted, version == 0 ? null : Key.of(in.fixed(Key.BYTES)));
        } catch (EncodingException e) {
            throw new EspalierException(INVALID, "This is no key file: " + e.getMessage() + ".", e);
        }
    }

    /** 0 or 1. */
    public int version() {
        return version;
    }

    /** What it costs to try a password. */
    public KeyCost cost() {
        return cost;
    }

    /** The public key; null in version 0, which keeps it in a file of its own. Not to be trusted before {@link #unlock}. */
    public @Nullable Key publicKey() {
        return publicKey;
    }

    /**
     * The secret key; to be closed. The password stays the caller's to wipe.
     *
     * @throws EspalierException {@code ERR_WRONG_PASSWORD}; {@code ERR_KEY_MEMORY} before anything is allocated; {@code
     *     ERR_INVALID_KEY} when what it holds is no pair of keys, or another one than it says
     */
    public SecretKey unlock(byte[] password) {
        byte[] plain = mask(encrypted, password, salt, cost);
        byte[] seed = new byte[Key.BYTES];
        try {
            byte[] expected = checkSum(plain).bytes();
            byte[] found = Arrays.copyOfRange(plain, ID + SECRET, ENCRYPTED);
            if (!MessageDigest.isEqual(expected, found)) {
                throw new EspalierException("ERR_WRONG_PASSWORD", "Key decryption failed: the password is wrong.");
            }
            System.arraycopy(plain, ID, seed, 0, Key.BYTES);
            SecretKey key = SecretKey.ofSeed(seed);
            Key inside = Key.of(Arrays.copyOfRange(plain, ID + Key.BYTES, ID + SECRET));
            // Signing with a public key that is not the secret's own would give the secret away.
            if (!key.publicKey().equals(inside) || (publicKey != null && !publicKey.equals(inside))) {
                key.close();
                throw new EspalierException(
                        INVALID,
                        "The key file names the public key " + (publicKey == null ? inside : publicKey)
                                + ", but holds the secret of " + key.publicKey() + ".");
            }
            return key;
        } finally {
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(seed, (byte) 0);
        }
    }

    /** The content of the file. */
    public byte[] content(Encoding encoding) {
        CompactWriter out = new CompactWriter(V1);
        if (version > 0) {
            out.uint(version);
        }
        out.u64(cost.ops()).u64(cost.mem()).raw(salt).buffer(encrypted);
        if (publicKey != null) {
            out.raw(publicKey.bytes());
        }
        byte[] bytes = out.toByteArray();
        return encoding == Encoding.RAW ? bytes : ZBase32.encode(bytes).getBytes(StandardCharsets.US_ASCII);
    }

    /** The content of the file of a public key. */
    static byte[] content(Key publicKey, Encoding encoding) {
        return encoding == Encoding.RAW
                ? publicKey.bytes()
                : publicKey.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static Hash checkSum(byte[] plain) {
        byte[] labelled = Arrays.copyOf(plain, ID + SECRET);
        try {
            return Hash.digest(labelled);
        } finally {
            Arrays.fill(labelled, (byte) 0);
        }
    }

    private static byte[] mask(byte[] bytes, byte[] password, byte[] salt, KeyCost cost) {
        KeyCost.Parameters scrypt = cost.parameters();
        cost.checkMemory();
        byte[] pad;
        try {
            pad = SCrypt.generate(password, salt, scrypt.n(), scrypt.r(), scrypt.p(), ENCRYPTED);
        } catch (OutOfMemoryError e) {
            KeyCost.checkMemory(scrypt.memory(), () -> 0);
            throw e;
        }
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= pad[i];
        }
        Arrays.fill(pad, (byte) 0);
        return masked;
    }

    /** Shows no secret. */
    @Override
    public String toString() {
        return "KeyFile[version " + version + ", " + publicKey + "]";
    }
}

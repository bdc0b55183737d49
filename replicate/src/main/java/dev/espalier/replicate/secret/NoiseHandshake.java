package dev.espalier.replicate.secret;

import dev.espalier.merkle.Blake2b;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One side of a {@code Noise_XX_} or {@code Noise_IK_Ed25519_ChaChaPoly_BLAKE2b} handshake (replication specification
 * §1.3).
 *
 * <p>The two sides alternate {@link #write} and {@link #read}, the initiator writing first, until {@link #isComplete};
 * {@link #keys} then gives the session. After a failed read the handshake is over for good.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class NoiseHandshake {

    /** Longest message in bytes. */
    public static final int MAX_MESSAGE = 65_535;

    private static final int KEY_BYTES = Key.BYTES;
    private static final int TAG_BYTES = 16;

    /** Which keys travel when. */
    public enum Pattern {
        /** Both static keys travel, encrypted; three messages. */
        XX,
        /** The initiator knows the responder's static key; two messages. */
        IK
    }

    private enum Token {
        E,
        S,
        EE,
        ES,
        SE,
        SS
    }

    private static final List<List<Token>> XX =
            List.of(List.of(Token.E), List.of(Token.E, Token.EE, Token.S, Token.ES), List.of(Token.S, Token.SE));
    private static final List<List<Token>> IK =
            List.of(List.of(Token.E, Token.ES, Token.S, Token.SS), List.of(Token.E, Token.EE, Token.SE));

    private final List<List<Token>> messages;
    private final boolean initiator;
    private final KeyPair local;
    private final KeyPair ephemeral;
    private @Nullable Key remoteStatic;
    private byte @Nullable [] remoteEphemeral;

    private byte[] hash;
    private byte[] chainingKey;
    private byte @Nullable [] cipherKey;
    private int nonce;

    private int step;
    private boolean failed;
    private @Nullable SessionKeys keys;

    NoiseHandshake(
            Pattern pattern,
            boolean initiator,
            KeyPair local,
            KeyPair ephemeral,
            @Nullable Key remoteStatic,
            byte[] prologue) {
        this.messages = pattern == Pattern.XX ? XX : IK;
        this.initiator = initiator;
        this.local = local;
        this.ephemeral = ephemeral;
        byte[] name = ("Noise_" + pattern + "_Ed25519_ChaChaPoly_BLAKE2b").getBytes(StandardCharsets.US_ASCII);
        this.hash = Arrays.copyOf(name, NoiseHkdf.HASH_BYTES);
        this.chainingKey = hash.clone();
        mixHash(prologue);
        if (pattern == Pattern.IK) {
            if (initiator) {
                if (remoteStatic == null) {
                    throw new IllegalArgumentException("pattern IK needs the responder's public key");
                }
                this.remoteStatic = remoteStatic;
                mixHash(remoteStatic.bytes());
            } else {
                mixHash(local.publicKey().bytes());
            }
        }
    }

    /** The initiator of an XX handshake. */
    public static NoiseHandshake initiator(KeyPair local, byte[] prologue) {
        return new NoiseHandshake(Pattern.XX, true, local, KeyPair.random(), null, prologue);
    }

    /** The initiator of an IK handshake with the owner of {@code remote}. */
    public static NoiseHandshake initiator(KeyPair local, Key remote, byte[] prologue) {
        return new NoiseHandshake(Pattern.IK, true, local, KeyPair.random(), remote, prologue);
    }

    /** The responder of a handshake. */
    public static NoiseHandshake responder(Pattern pattern, KeyPair local, byte[] prologue) {
        return new NoiseHandshake(pattern, false, local, KeyPair.random(), null, prologue);
    }

    /** Whether all messages went over and {@link #keys} is there. */
    public boolean isComplete() {
        return keys != null;
    }

    /** Whether the next call must be {@link #write}. */
    public boolean isWriting() {
        return keys == null && !failed && (step % 2 == 0) == initiator;
    }

    /**
     * The session.
     *
     * @throws IllegalStateException before the handshake is complete
     */
    public SessionKeys keys() {
        SessionKeys result = keys;
        if (result == null) {
            throw new IllegalStateException("the handshake is not complete");
        }
        return result;
    }

    /**
     * The next message, carrying {@code payload} (may be empty).
     *
     * @throws IllegalStateException when it is not this side's turn
     * @throws IllegalArgumentException when the message would exceed {@link #MAX_MESSAGE}
     * @throws SecretStreamException when the peer's keys do not allow an agreement
     */
    public byte[] write(byte[] payload) {
        if (!isWriting()) {
            throw new IllegalStateException("not this side's turn to write");
        }
        if (payload.length > MAX_MESSAGE - 2 * (KEY_BYTES + TAG_BYTES)) {
            throw new IllegalArgumentException("payload of " + payload.length + " bytes is too long");
        }
        failed = true; // until the end is reached
        ByteArrayOutputStream message = new ByteArrayOutputStream(128);
        for (Token token : messages.get(step)) {
            switch (token) {
                case E -> {
                    byte[] key = ephemeral.publicKey().bytes();
                    mixHash(key);
                    message.writeBytes(key);
                }
                case S -> message.writeBytes(encryptAndHash(local.publicKey().bytes()));
                default -> mixAgreement(token);
            }
        }
        message.writeBytes(encryptAndHash(payload));
        advance();
        return message.toByteArray();
    }

    /**
     * Takes the other side's next message and returns its payload.
     *
     * @throws IllegalStateException when it is not the other side's turn
     * @throws SecretStreamException when the message is not what it must be; the handshake has failed
     */
    public byte[] read(byte[] message) {
        if (failed || keys != null || isWriting()) {
            throw new IllegalStateException("not the other side's turn");
        }
        failed = true; // until the end is reached
        if (message.length > MAX_MESSAGE) {
            throw failure(
                    "message " + (step + 1) + " has " + message.length + " bytes, expected at most " + MAX_MESSAGE);
        }
        ByteBuffer rest = ByteBuffer.wrap(message);
        for (Token token : messages.get(step)) {
            switch (token) {
                case E -> {
                    byte[] key = take(rest, KEY_BYTES);
                    remoteEphemeral = key;
                    mixHash(key);
                }
                case S ->
                    remoteStatic =
                            Key.of(decryptAndHash(take(rest, cipherKey == null ? KEY_BYTES : KEY_BYTES + TAG_BYTES)));
                default -> mixAgreement(token);
            }
        }
        byte[] payload = decryptAndHash(take(rest, rest.remaining()));
        advance();
        return payload;
    }

    /** The current {@code h}, {@code ck}, {@code k} (or null) for the vectors of the specification. */
    byte @Nullable [][] state() {
        return new byte @Nullable [][] {hash, chainingKey, cipherKey};
    }

    /** The current nonce. */
    int nonce() {
        return nonce;
    }

    private void advance() {
        failed = false;
        if (++step < messages.size()) {
            return;
        }
        byte[][] split = NoiseHkdf.expand(chainingKey, new byte[0]);
        byte[] fromInitiator = Arrays.copyOf(split[0], KEY_BYTES);
        byte[] fromResponder = Arrays.copyOf(split[1], KEY_BYTES);
        Key remote = remoteStatic;
        if (remote == null) {
            throw new IllegalStateException("no static key at the end of the handshake");
        }
        keys = new SessionKeys(
                new SecretSession(initiator, local.publicKey(), remote, hash),
                initiator ? fromInitiator : fromResponder,
                initiator ? fromResponder : fromInitiator);
        Arrays.fill(chainingKey, (byte) 0);
        cipherKey = null;
    }

    /** In a token the initiator's key comes first: {@code ES} is the initiator's ephemeral, the responder's static. */
    private void mixAgreement(Token token) {
        boolean initiatorStatic = token == Token.SE || token == Token.SS;
        boolean responderStatic = token == Token.ES || token == Token.SS;
        KeyPair mine = (initiator ? initiatorStatic : responderStatic) ? local : ephemeral;
        boolean theirsStatic = initiator ? responderStatic : initiatorStatic;
        Key staticKey = remoteStatic;
        byte[] theirs = theirsStatic ? (staticKey == null ? null : staticKey.bytes()) : remoteEphemeral;
        if (theirs == null) {
            throw new IllegalStateException("the pattern agrees on a key that did not travel yet");
        }
        byte[] shared = Ed25519DiffieHellman.agree(mine.seed(), theirs);
        byte[][] outputs = NoiseHkdf.expand(chainingKey, shared);
        Arrays.fill(shared, (byte) 0);
        chainingKey = outputs[0];
        cipherKey = Arrays.copyOf(outputs[1], KEY_BYTES);
        nonce = 0;
    }

    private void mixHash(byte[] data) {
        hash = new Blake2b(NoiseHkdf.HASH_BYTES).update(hash, data).digest();
    }

    private byte[] encryptAndHash(byte[] plain) {
        byte[] key = cipherKey;
        byte[] result;
        try {
            result = key == null ? plain : aead(Cipher.ENCRYPT_MODE, key).doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime cannot encrypt with ChaCha20-Poly1305", e);
        }
        mixHash(result);
        return result;
    }

    private byte[] decryptAndHash(byte[] data) {
        byte[] key = cipherKey;
        byte[] result;
        if (key == null) {
            result = data;
        } else if (data.length < TAG_BYTES) {
            throw failure("message " + (step + 1) + " is too short");
        } else {
            try {
                result = aead(Cipher.DECRYPT_MODE, key).doFinal(data);
            } catch (GeneralSecurityException e) {
                throw new SecretStreamException(
                        SecretStreamException.HANDSHAKE,
                        "Handshake refused: message " + (step + 1) + " is not authentic.",
                        e);
            }
        }
        mixHash(data);
        return result;
    }

    /** The IETF cipher under the next nonce, the current hash being its associated data. */
    private Cipher aead(int mode, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        byte[] iv = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, nonce++)
                .array();
        cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(iv));
        cipher.updateAAD(hash);
        return cipher;
    }

    private byte[] take(ByteBuffer source, int length) {
        if (source.remaining() < length) {
            throw failure("message " + (step + 1) + " is too short");
        }
        byte[] bytes = new byte[length];
        source.get(bytes);
        return bytes;
    }

    private static SecretStreamException failure(String why) {
        return new SecretStreamException(SecretStreamException.HANDSHAKE, "Handshake refused: " + why + ".");
    }
}

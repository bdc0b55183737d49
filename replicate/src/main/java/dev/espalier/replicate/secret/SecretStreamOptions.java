package dev.espalier.replicate.secret;

import dev.espalier.merkle.Key;
import dev.espalier.merkle.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one side of a secret stream behaves. Start from {@link #initiator()} or {@link #responder()}: the rest has the
 * defaults of the published peers.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SecretStreamOptions {

    /** An empty message goes out after this long without a write. */
    public static final Duration DEFAULT_KEEP_ALIVE = Duration.ofSeconds(5);

    /** A handshake that takes longer is given up. */
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(30);

    private static final SecureRandom RANDOM = new SecureRandom();

    final boolean initiator;
    final @Nullable KeyPair keyPair;
    final NoiseHandshake.Pattern pattern;
    final @Nullable Key remotePublicKey;
    final @Nullable SessionKeys session;
    final Duration keepAlive;
    final Duration handshakeTimeout;
    final SecureRandom random;

    private SecretStreamOptions(
            boolean initiator,
            @Nullable KeyPair keyPair,
            NoiseHandshake.Pattern pattern,
            @Nullable Key remotePublicKey,
            @Nullable SessionKeys session,
            Duration keepAlive,
            Duration handshakeTimeout,
            SecureRandom random) {
        this.initiator = initiator;
        this.keyPair = keyPair;
        this.pattern = pattern;
        this.remotePublicKey = remotePublicKey;
        this.session = session;
        this.keepAlive = keepAlive;
        this.handshakeTimeout = handshakeTimeout;
        this.random = random;
    }

    /** The side that begins the handshake; normally the one that connected. */
    public static SecretStreamOptions initiator() {
        return of(true, null);
    }

    /** The side that answers the handshake. */
    public static SecretStreamOptions responder() {
        return of(false, null);
    }

    /** A stream whose handshake was made elsewhere; it starts with its header. */
    public static SecretStreamOptions resume(SessionKeys session) {
        return of(session.session().initiator(), session);
    }

    private static SecretStreamOptions of(boolean initiator, @Nullable SessionKeys session) {
        return new SecretStreamOptions(
                initiator,
                null,
                NoiseHandshake.Pattern.XX,
                null,
                session,
                DEFAULT_KEEP_ALIVE,
                DEFAULT_HANDSHAKE_TIMEOUT,
                RANDOM);
    }

    /** The static key pair; by default one is made up for each stream. */
    public SecretStreamOptions keyPair(KeyPair local) {
        return new SecretStreamOptions(
                initiator, local, pattern, remotePublicKey, session, keepAlive, handshakeTimeout, random);
    }

    /** Pattern IK with the owner of {@code remote}; for the initiator. */
    public SecretStreamOptions knownRemote(Key remote) {
        if (!initiator) {
            throw new IllegalStateException("only the initiator of an IK handshake knows the other side's key");
        }
        return new SecretStreamOptions(
                true, keyPair, NoiseHandshake.Pattern.IK, remote, session, keepAlive, handshakeTimeout, random);
    }

    /** Pattern IK; for the responder, whose key the initiator knows. */
    public SecretStreamOptions knownLocal(KeyPair local) {
        if (initiator) {
            throw new IllegalStateException("only the responder of an IK handshake is known beforehand");
        }
        return new SecretStreamOptions(
                false, local, NoiseHandshake.Pattern.IK, null, session, keepAlive, handshakeTimeout, random);
    }

    /** Time without a write after which an empty message is sent; zero for never. */
    public SecretStreamOptions keepAlive(Duration interval) {
        return new SecretStreamOptions(
                initiator, keyPair, pattern, remotePublicKey, session, interval, handshakeTimeout, random);
    }

    /** Time for the handshake, the other side's header included; zero for any. */
    public SecretStreamOptions handshakeTimeout(Duration timeout) {
        return new SecretStreamOptions(
                initiator, keyPair, pattern, remotePublicKey, session, keepAlive, timeout, random);
    }

    /** Where the ephemeral seed (32 bytes) and then the header (24 bytes) come from; tests pin it. */
    SecretStreamOptions random(SecureRandom source) {
        return new SecretStreamOptions(
                initiator, keyPair, pattern, remotePublicKey, session, keepAlive, handshakeTimeout, source);
    }
}

package dev.espalier.bench;

import dev.espalier.replicate.secret.SecretStreamPull;
import dev.espalier.replicate.secret.SecretStreamPush;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How many blocks a second go through the encryption of a connection, from direct buffer to direct buffer? */
@BenchmarkMode(Mode.Throughput)
@State(Scope.Thread)
public class SecretStreamThroughput extends Measured {

    private static final int NONCE_BYTES = 12;

    /** Block size in bytes. */
    @Param({"1024", "65536"})
    public int blockSize;

    private final ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES);
    private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
    private Blocks blocks;
    private ByteBuffer target;
    private SecretStreamPush lone;
    private SecretStreamPush push;
    private SecretStreamPull pull;
    private Cipher cipher;

    /** Makes the blocks and both ends of a stream. */
    @Setup
    public void makeStream() throws GeneralSecurityException {
        blocks = new Blocks(blockSize, true);
        target = ByteBuffer.allocateDirect(blockSize + SecretStreamPush.OVERHEAD);
        byte[] header = new byte[SecretStreamPush.HEADER_BYTES];
        lone = new SecretStreamPush(key.getEncoded(), header);
        push = new SecretStreamPush(key.getEncoded(), header);
        pull = new SecretStreamPull(key.getEncoded(), header);
        cipher = Cipher.getInstance("ChaCha20-Poly1305");
    }

    /** What the sender does. */
    @Benchmark
    public ByteBuffer encrypt() {
        lone.encrypt(SecretStreamPush.MESSAGE, blocks.next(), target.clear());
        return target;
    }

    /** What the sender and the receiver do. */
    @Benchmark
    public ByteBuffer encryptAndDecrypt() {
        push.encrypt(SecretStreamPush.MESSAGE, blocks.next(), target.clear());
        pull.decrypt(target.flip());
        return target;
    }

    /** The sender's work by the JDK's own ChaCha20-Poly1305, which is not quite what libsodium's secretstream needs. */
    @Benchmark
    public ByteBuffer baselineJdkCipher() throws GeneralSecurityException {
        nonce.putLong(0, nonce.getLong(0) + 1);
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce.array()));
        cipher.doFinal(blocks.next(), target.clear());
        return target;
    }
}

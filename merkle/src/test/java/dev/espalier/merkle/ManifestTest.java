package dev.espalier.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ManifestTest {

    private static final Key PUBLIC_KEY = Vectors.keyPair(1).publicKey();
    private static final Signer SIGNER = new Signer(Namespaces.DEFAULT_NAMESPACE, PUBLIC_KEY);

    private static Manifest decode(byte[] bytes) {
        return Manifest.decode(new CompactReader(bytes));
    }

    private static byte[] concat(byte[]... parts) {
        CompactWriter out = new CompactWriter();
        for (byte[] part : parts) {
            out.raw(part);
        }
        return out.toByteArray();
    }

    @Test
    void defaultManifestHasSeventyBytes() {
        Manifest manifest = Manifest.singleSigner(PUBLIC_KEY);
        assertThat(manifest.encoded()).hasSize(70).startsWith(1, 0, 0, 1, 1, 0);
        assertThat(manifest.signers()).containsExactly(SIGNER);
        assertThat(manifest.quorum()).isEqualTo(1);
        assertThat(manifest.isCompat(PUBLIC_KEY)).isTrue();
        assertThat(manifest.isCompat(manifest.key())).isFalse();
        assertThat(manifest.describes(PUBLIC_KEY)).isTrue();
        assertThat(manifest.describes(manifest.key())).isTrue();
        assertThat(manifest.describes(Vectors.keyPair(2).publicKey())).isFalse();
    }

    @Test
    void receivedBytesAreHashedAsTheyCame() {
        Manifest manifest = Manifest.singleSigner(PUBLIC_KEY);
        byte[] shortest = manifest.encoded();
        byte[] longer = concat(new byte[] {(byte) 0xfd, 1, 0}, Arrays.copyOfRange(shortest, 1, 70));
        Manifest received = decode(longer);
        assertThat(received.encoded()).isEqualTo(longer);
        assertThat(received.signers()).isEqualTo(manifest.signers());
        assertThat(received.key()).isNotEqualTo(manifest.key());
        assertThat(received).isNotEqualTo(manifest);
    }

    @Test
    void linkedFlagWithoutKeysDiffersFromNoFlag() {
        byte[] plain = Manifest.builder().version(2).signer(SIGNER).build().encoded();
        byte[] flagged = concat(plain, new byte[] {0});
        flagged[1] = 4;
        Manifest received = decode(flagged);
        assertThat(received.linked()).isEmpty();
        assertThat(received.key()).isNotEqualTo(decode(plain).key());
        assertThat(Manifest.builder().signer(SIGNER).linked(List.of()).build().linked())
                .isNull();
    }

    @Test
    void onlyItsOwnBytesAreRead() {
        byte[] own = Manifest.singleSigner(PUBLIC_KEY).encoded();
        CompactReader in = new CompactReader(concat(own, new byte[] {7, 8}));
        assertThat(Manifest.decode(in).encoded()).isEqualTo(own);
        assertThat(in.remaining()).isEqualTo(2);
    }

    @Test
    void emptyUserDataIsNotNone() {
        Manifest empty = Manifest.builder().signer(SIGNER).userData(new byte[0]).build();
        assertThat(empty.version()).isEqualTo(2);
        assertThat(empty.userData()).isEmpty();
        assertThat(decode(empty.encoded()).userData()).isEmpty();
    }

    @Test
    void quorumIsMoreThanHalfUnlessGiven() {
        for (int signers = 0; signers <= 5; signers++) {
            Manifest.Builder builder = Manifest.builder();
            for (int i = 0; i < signers; i++) {
                builder.signer(new Signer(
                        Namespaces.DEFAULT_NAMESPACE, Vectors.keyPair(i).publicKey()));
            }
            assertThat(builder.build().quorum()).isEqualTo(new int[] {0, 1, 2, 2, 3, 3}[signers]);
            assertThat(builder.quorum(0).build().quorum()).isZero();
        }
    }

    @Test
    void versionsNobodyKnowsAreRefused() {
        byte[] bytes = Manifest.singleSigner(PUBLIC_KEY).encoded();
        for (int version : new int[] {4, 5, 252}) {
            bytes[0] = (byte) version;
            assertThatThrownBy(() -> decode(bytes))
                    .isInstanceOf(EncodingException.class)
                    .hasMessageContaining("version " + version);
        }
        assertThatThrownBy(() -> Manifest.builder().version(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> decode(new byte[] {0, 0, 3})).isInstanceOf(EncodingException.class);
    }

    @Test
    void versionZeroWouldLoseThePrologueOfASignedLog() {
        Prologue prologue = new Prologue(Namespaces.TREE, 4);
        assertThatThrownBy(() -> Manifest.builder()
                        .version(0)
                        .signer(SIGNER)
                        .prologue(prologue)
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Manifest.builder()
                        .signer(SIGNER)
                        .prologue(new Prologue(Namespaces.TREE, -1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsBeyondTheInputAreRefused() {
        byte[] manySigners = {1, 0, 0, 1, (byte) 0xfe, 0, 0, 16, 0};
        assertThatThrownBy(() -> decode(manySigners)).isInstanceOf(EncodingException.class);
        byte[] cut = Manifest.singleSigner(PUBLIC_KEY).encoded();
        for (int length = 0; length < cut.length; length++) {
            byte[] shorter = Arrays.copyOf(cut, length);
            assertThatThrownBy(() -> decode(shorter)).isInstanceOf(EncodingException.class);
        }
    }

    @Test
    void userDataIsCopied() {
        byte[] data = {1, 2};
        Manifest manifest = Manifest.builder().signer(SIGNER).userData(data).build();
        data[0] = 9;
        byte[] out = manifest.userData();
        assertThat(out).containsExactly(1, 2);
        out[0] = 9;
        manifest.encoded()[0] = 9;
        assertThat(manifest.userData()).containsExactly(1, 2);
        assertThat(decode(manifest.encoded())).isEqualTo(manifest).hasSameHashCodeAs(manifest);
        assertThat(manifest).hasToString("Manifest[version 2, 1 of 1, " + manifest.key() + "]");
    }

    @Property
    void whateverIsDecodedEncodesToTheSameBytes(@ForAll @Size(max = 200) byte[] bytes) {
        CompactReader in = new CompactReader(bytes);
        Manifest manifest;
        try {
            manifest = Manifest.decode(in);
        } catch (EncodingException e) {
            return;
        }
        assertThat(manifest.encoded()).isEqualTo(Arrays.copyOf(bytes, in.position()));
        assertThat(decode(manifest.encoded())).isEqualTo(manifest);
    }
}

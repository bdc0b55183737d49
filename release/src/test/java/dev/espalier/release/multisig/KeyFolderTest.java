package dev.espalier.release.multisig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.merkle.Key;
import dev.espalier.release.multisig.KeyFile.Encoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class KeyFolderTest {

    private static final KeyCost FAST = new KeyCost(524_288, 16_777_216);
    private static final byte[] PASSWORD = "correct horse battery".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temp;

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aNewKeyHasTheModesOfHypercoreSign() throws IOException {
        KeyFolder keys = new KeyFolder(temp.resolve("sign"));
        KeyFolder.Entry made = keys.create("default", PASSWORD, FAST);
        assertThat(mode(keys.folder())).isEqualTo("rwx------");
        assertThat(mode(made.secretFile())).isEqualTo("r--------");
        assertThat(mode(made.publicFile())).isEqualTo("rw-------");
        assertThat(Files.readString(made.secretFile())).hasSize(298);
        assertThat(Files.readString(made.publicFile()))
                .isEqualTo(made.publicKey().toString());
        try (SecretKey key = keys.secret("default").unlock(PASSWORD)) {
            assertThat(key.publicKey()).isEqualTo(made.publicKey());
        }
    }

    @Test
    void aFolderOfPearGetsRawFiles() throws IOException {
        KeyFolder keys = new KeyFolder(temp.resolve(".pear"));
        KeyFolder.Entry first = keys.create("me", PASSWORD, FAST);
        assertThat(Files.size(first.secretFile())).isEqualTo(186);
        assertThat(Files.size(first.publicFile())).isEqualTo(32);

        // What is there decides, not the name.
        Files.move(keys.folder(), temp.resolve("elsewhere"));
        KeyFolder moved = new KeyFolder(temp.resolve("elsewhere"));
        assertThat(Files.size(moved.create("you", PASSWORD, FAST).secretFile())).isEqualTo(186);
        assertThat(moved.list()).extracting(KeyFolder.Entry::name).containsExactly("me", "you");
    }

    @Test
    void nothingIsEverOverwritten() throws IOException {
        KeyFolder keys = new KeyFolder(temp.resolve("sign"));
        KeyFolder.Entry made = keys.create("default", PASSWORD, FAST);
        assertThatThrownBy(() -> keys.create("default", PASSWORD, FAST))
                .hasMessageContaining("never overwritten")
                .extracting("code")
                .isEqualTo("ERR_KEY_EXISTS");
        assertThatThrownBy(() -> keys.add("default", made.publicKey(), null))
                .extracting("code")
                .isEqualTo("ERR_KEY_EXISTS");
        assertThat(keys.get("default").publicKey()).isEqualTo(made.publicKey());
    }

    @Test
    void keysOfOthersAreAddedListedAndRemoved() throws IOException {
        KeyFolder keys = new KeyFolder(temp.resolve("sign"));
        Key ann = SecretKey.random().publicKey();
        keys.add("ann", ann, null);
        Files.createDirectories(keys.folder().resolve("known-peers"));
        Key bob = SecretKey.random().publicKey();
        Files.writeString(keys.folder().resolve("known-peers/bob.public"), bob + "\n");
        Files.writeString(keys.folder().resolve("notes"), "no key at all\n");
        assertThat(keys.list())
                .extracting(KeyFolder.Entry::name, KeyFolder.Entry::publicKey, KeyFolder.Entry::secretFile)
                .containsExactly(tuple("ann", ann, null), tuple("bob", bob, null));
        assertThat(keys.get("bob").publicKey()).isEqualTo(bob);
        assertThatThrownBy(() -> keys.secret("ann"))
                .hasMessageContaining("Only the public key")
                .extracting("code")
                .isEqualTo("ERR_NOT_FOUND");
        keys.remove("ann");
        assertThatThrownBy(() -> keys.get("ann")).extracting("code").isEqualTo("ERR_NOT_FOUND");
        assertThatThrownBy(() -> keys.get("notes"))
                .hasMessageContaining("notes")
                .extracting("code")
                .isEqualTo("ERR_INVALID_KEY");
    }

    @Test
    void aSecretKeyIsAddedWithItsPublicKeyOnly() throws IOException {
        KeyFolder from = new KeyFolder(temp.resolve("from"));
        KeyFolder to = new KeyFolder(temp.resolve(".pear"));
        KeyFolder.Entry made = from.create("me", PASSWORD, FAST);
        KeyFile secret = from.secret("me");
        assertThatThrownBy(() -> to.add("me", SecretKey.random().publicKey(), secret))
                .extracting("code")
                .isEqualTo("ERR_INVALID_INPUT");
        to.add("me", made.publicKey(), secret);
        assertThat(to.secret("me").content(Encoding.RAW)).isEqualTo(secret.content(Encoding.RAW));
        assertThat(Files.size(to.secretFile("me"))).isEqualTo(186);
    }

    @Test
    void filesOfTwoKeysUnderOneNameAreRefused() throws IOException {
        KeyFolder keys = new KeyFolder(temp.resolve("sign"));
        keys.create("me", PASSWORD, FAST);
        Files.writeString(keys.publicFile("me"), SecretKey.random().publicKey().toString());
        assertThatThrownBy(() -> keys.get("me")).extracting("code").isEqualTo("ERR_INVALID_KEY");
    }

    @Test
    void namesAreNamesAndNoPaths() {
        KeyFolder keys = new KeyFolder(temp);
        for (String name : new String[] {"", ".", "..", "a/b", "a.public", "known-peers", "ä", "x".repeat(65)}) {
            assertThatThrownBy(() -> keys.get(name)).as(name).extracting("code").isEqualTo("ERR_INVALID_INPUT");
        }
    }
}

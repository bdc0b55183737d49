package dev.espalier.release.multisig;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.release.Vectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The cost that real key files have, a GiB of memory, in processes that have it and that do not. */
class StandardCostTest {

    private static JsonObject vector() {
        return Vectors.list("keyFiles")
                .filter(v -> v.get("name").getAsString().equals("v1-sensitive"))
                .findFirst()
                .orElseThrow();
    }

    private static String open(String heap) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-cp",
                        System.getProperty("java.class.path"),
                        StandardCostTest.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return said;
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aKeyFileOfTheStandardCostIsOpenedWithTheHeapThatIsAdvised() throws Exception {
        String publicKey = vector().get("publicKey").getAsString();
        assertThat(open("-Xmx1280m")).endsWith("opened " + publicKey + System.lineSeparator());
    }

    @Test
    void withLessItIsSaidBeforeItIsTried() throws Exception {
        assertThat(open("-Xmx600m")).contains("ERR_KEY_MEMORY").contains("JAVA_TOOL_OPTIONS=-Xmx1280m");
    }

    /** Opens the key file of the vectors in a process of its own. */
    public static void main(String[] arguments) {
        JsonObject vector = vector();
        KeyFile file = KeyFile.read(HexFormat.of().parseHex(vector.get("blob").getAsString()));
        byte[] password = vector.get("password").getAsString().getBytes(StandardCharsets.UTF_8);
        try (SecretKey key = file.unlock(password)) {
            System.out.println("opened " + key.publicKey().hex());
        } catch (EspalierException e) {
            System.out.println(e.code() + " " + e.getMessage());
        }
    }
}

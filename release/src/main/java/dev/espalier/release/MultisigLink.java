package dev.espalier.release;

import com.google.gson.JsonObject;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.ZBase32;
import dev.espalier.release.multisig.MultisigConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/** The link of production, which follows from the configuration (release specification §4.1, §4.2). */
public final class MultisigLink {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final char MARK = '$';

    private MultisigLink() {}

    /** The link, and what it follows from. */
    public record Result(Link link, int quorum, List<Key> publicKeys, String namespace) {}

    /** The namespace in the configuration is another one from now on. */
    public record NamespaceChanged(String namespace, Path file) implements Event {
        @Override
        public String tag() {
            return "namespace";
        }
    }

    /**
     * Tells the link.
     *
     * @param file {@code multisig.json} or {@code pear.json}
     * @param prefix what its key shall begin with, empty for anything. Where it does not, a namespace {@code base$random} is
     *     searched for with which it does, and written to the file, nothing else in which is changed
     */
    public static Operation<Result> of(Path file, String prefix) {
        return Operation.of(steps -> run(file, prefix, steps));
    }

    private static Result run(Path file, String prefix, Steps steps) throws IOException {
        MultisigConfig config = MultisigConfig.read(file);
        VanitySearch search = new VanitySearch(prefix, steps);
        if (!search.accepts(config.key())) {
            MultisigConfig before = config;
            String base = base(config.namespace());
            config = config.withNamespace(search.run(
                    () -> base + MARK + random(),
                    namespace -> before.withNamespace(namespace).key()));
            steps.checkCancelled();
            write(file, config);
            steps.emit(new NamespaceChanged(config.namespace(), file));
        }
        return new Result(Link.of(config.key()), config.quorum(), config.publicKeys(), config.namespace());
    }

    /** What was there before an earlier search. */
    private static String base(String namespace) {
        int mark = namespace.lastIndexOf(MARK);
        return mark < 0 ? namespace : namespace.substring(0, mark);
    }

    private static String random() {
        byte[] bytes = new byte[Key.BYTES];
        RANDOM.nextBytes(bytes);
        return ZBase32.encode(bytes);
    }

    private static void write(Path file, MultisigConfig config) throws IOException {
        ManifestFile text = new ManifestFile(file, Files.readString(file, StandardCharsets.UTF_8));
        boolean pear = Project.parse(text.text()).get("multisig") instanceof JsonObject;
        ManifestFile changed = pear
                ? text.withIn("multisig", "namespace", config.namespace())
                : text.with("namespace", config.namespace());
        if (!MultisigConfig.parse(changed.text(), file.toString()).equals(config)) {
            throw new EspalierException(
                    "ERR_INVALID_CONFIG", file + " has a field more than once, so it cannot be changed.");
        }
        changed.write();
    }
}

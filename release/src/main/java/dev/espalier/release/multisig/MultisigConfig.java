package dev.espalier.release.multisig;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.espalier.drive.DriveKeys;
import dev.espalier.merkle.EspalierException;
import dev.espalier.merkle.Hash;
import dev.espalier.merkle.Key;
import dev.espalier.merkle.Manifest;
import dev.espalier.merkle.Signer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who signs production, and what follows from that (release specification §4.1, §4.2).
 *
 * <p>Signers in their order, quorum and namespace make the key of production: change one, and it is another link, for
 * which applications must be built anew. The source may change.
 *
 * <pre>{@code
 * multisig.json {"type":"drive","publicKeys":["…","…","…"],"namespace":"…","quorum":2,"srcKey":"…"}
 * pear.json     {"multisig":{"publicKeys":["…","…","…"],"namespace":"…","quorum":2}}
 * }</pre>
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param drive whether production is a drive, not a single log
 * @param publicKeys of the signers, at least one, in the order that counts
 * @param namespace any text, not empty
 * @param quorum how many must sign
 * @param source key of the source, which is the provision link; null when the file does not say
 */
public record MultisigConfig(
        boolean drive,
        List<Key> publicKeys,
        String namespace,
        int quorum,
        @Nullable Key source) {

    private static final long MAX_FILE = 1 << 20;
    private static final String INVALID = "ERR_INVALID_CONFIG";

    /**
     * Checks the quorum.
     *
     * @throws EspalierException {@code BAD_ARGUMENT} for a quorum that is negative or can never be reached
     */
    public MultisigConfig {
        publicKeys = List.copyOf(publicKeys);
        if (quorum < 0) {
            throw new EspalierException("BAD_ARGUMENT", "Quorum cannot be negative: " + quorum + ".");
        }
        int different = new HashSet<>(publicKeys).size();
        if (quorum > different) {
            throw new EspalierException(
                    "BAD_ARGUMENT",
                    "Quorum should not be higher than the number of signers: " + quorum + " of " + different + ".");
        }
    }

    /** More than half of so many signers. */
    public static int defaultQuorum(int signers) {
        return signers / 2 + 1;
    }

    /**
     * Reads a file of either form.
     *
     * @throws EspalierException {@code ERR_INVALID_INPUT} when it cannot be read or a key is none, {@code
     *     ERR_INVALID_CONFIG} when it is no JSON or lacks something, {@code BAD_ARGUMENT} for an impossible quorum
     */
    public static MultisigConfig read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new EspalierException(INVALID, file + " is too large for a configuration.");
            }
            return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
        } catch (NoSuchFileException e) {
            throw new EspalierException(
                    "ERR_INVALID_INPUT", "There is no " + file + "; write it, or name it with --config.", e);
        } catch (IOException e) {
            throw new EspalierException("ERR_INVALID_INPUT", file + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** The same from text; {@code name} is what messages call it. */
    public static MultisigConfig parse(String text, String name) {
        JsonElement json;
        try {
            json = JsonParser.parseString(text);
        } catch (JsonParseException e) {
            String cause = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new EspalierException(
                    INVALID,
                    name + " is no JSON: "
                            + String.valueOf(cause).lines().findFirst().orElse("") + ".",
                    e);
        }
        if (!json.isJsonObject()) {
            throw new EspalierException(INVALID, name + " holds no JSON object.");
        }
        JsonObject object = json.getAsJsonObject();
        return object.get("multisig") instanceof JsonObject pear
                ? new Reader(name, pear, true).read()
                : new Reader(name, object, false).read();
    }

    /** The namespace of every signer: {@code H(namespace)}. */
    public Hash namespaceHash() {
        return Hash.digest(namespace.getBytes(StandardCharsets.UTF_8));
    }

    /** The manifest of the log, or of the drive's database. */
    public Manifest manifest() {
        Manifest.Builder builder = Manifest.builder().version(1).quorum(quorum);
        Hash space = namespaceHash();
        publicKeys.forEach(key -> builder.signer(new Signer(space, key)));
        return builder.build();
    }

    /** The key of production. */
    public Key key() {
        return manifest().key();
    }

    /** The manifest of the drive's blobs; null for a single log. */
    public @Nullable Manifest blobsManifest() {
        Manifest db = manifest();
        return drive ? DriveKeys.blobsManifest(db, db.key()) : null;
    }

    /** The same with another source. */
    public MultisigConfig withSource(Key key) {
        return new MultisigConfig(drive, publicKeys, namespace, quorum, key);
    }

    /** The same with another namespace. */
    public MultisigConfig withNamespace(String text) {
        return new MultisigConfig(drive, publicKeys, text, quorum, source);
    }

    /**
     * Refuses a request that was not made with this configuration.
     *
     * @throws EspalierException {@code INVALID_SIGNATURE} naming what differs
     */
    public void requireSame(SigningRequest request) {
        Manifest own = manifest();
        Manifest asked = request.manifest();
        List<String> differing = new ArrayList<>();
        if (request.isDrive() != drive) {
            differing.add("type (" + (request.isDrive() ? "drive" : "core") + " in the request)");
        }
        if (asked.quorum() != quorum) {
            differing.add("quorum (" + asked.quorum() + " in the request, " + quorum + " here)");
        }
        if (!request.signers().equals(publicKeys)) {
            boolean order = new HashSet<>(request.signers()).equals(new HashSet<>(publicKeys));
            differing.add(order ? "the order of publicKeys" : "publicKeys");
        } else if (!asked.signers().equals(own.signers())) {
            differing.add("namespace");
        }
        if (differing.isEmpty() && !asked.equals(own)) {
            differing.add("the manifest");
        }
        if (!differing.isEmpty()) {
            throw new EspalierException(
                    "INVALID_SIGNATURE",
                    "The request was made with another configuration: " + String.join(", ", differing)
                            + "; its signatures are for pear://" + request.key() + ", not for pear://" + key() + ".");
        }
    }

    /** Reads the members of one object. */
    private record Reader(String name, JsonObject object, boolean pear) {

        MultisigConfig read() {
            List<String> missing = new ArrayList<>();
            if (!pear && text("type").isEmpty()) {
                missing.add("type");
            }
            JsonArray keys = object.get("publicKeys") instanceof JsonArray array ? array : new JsonArray();
            if (keys.isEmpty()) {
                missing.add("publicKeys");
            }
            if (text("namespace").isEmpty()) {
                missing.add("namespace");
            }
            Integer quorum = quorum();
            if (pear && (quorum == null || quorum == 0)) {
                missing.add("quorum");
            }
            if (!missing.isEmpty()) {
                throw new EspalierException(
                        INVALID,
                        name + " lacks "
                                + String.join(
                                        ", ", missing.stream().map(this::member).toList()) + ".");
            }
            boolean drive = pear || isDrive();
            List<Key> publicKeys = new ArrayList<>();
            for (JsonElement key : keys) {
                publicKeys.add(key("publicKeys", key));
            }
            Key source = !pear && object.has("srcKey") ? key("srcKey", object.get("srcKey")) : null;
            // As in JavaScript, where 0 is as good as nothing.
            int needed = quorum == null || quorum == 0 ? defaultQuorum(publicKeys.size()) : quorum;
            return new MultisigConfig(drive, publicKeys, text("namespace"), needed, source);
        }

        private boolean isDrive() {
            String type = text("type");
            if (!type.equals("drive") && !type.equals("core")) {
                throw new EspalierException(
                        INVALID, member("type") + " of " + name + " is \"" + type + "\", expected drive or core.");
            }
            return type.equals("drive");
        }

        private String text(String member) {
            return object.get(member) instanceof JsonPrimitive value && value.isString() ? value.getAsString() : "";
        }

        private @Nullable Integer quorum() {
            JsonElement value = object.get("quorum");
            if (value == null || value.isJsonNull()) {
                return null;
            }
            try {
                return new BigDecimal(value.getAsString()).intValueExact();
            } catch (ArithmeticException
                    | IllegalStateException
                    | NumberFormatException
                    | UnsupportedOperationException e) {
                throw new EspalierException(
                        INVALID, member("quorum") + " of " + name + " is no whole number: " + value + ".", e);
            }
        }

        private Key key(String member, JsonElement value) {
            try {
                return Key.parse(value.getAsString());
            } catch (EspalierException | IllegalStateException | UnsupportedOperationException e) {
                throw new EspalierException(
                        "ERR_INVALID_INPUT",
                        "A key in " + member(member) + " of " + name + " is none: " + value + ".",
                        e);
            }
        }

        private String member(String member) {
            return pear ? "multisig." + member : member;
        }
    }
}

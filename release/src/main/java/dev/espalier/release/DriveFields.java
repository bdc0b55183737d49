package dev.espalier.release;

import com.google.gson.JsonParser;
import dev.espalier.drive.BTree;
import dev.espalier.drive.Drive;
import dev.espalier.drive.JsonText;
import dev.espalier.drive.TreeItem;
import dev.espalier.merkle.EspalierException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a drive may hold beside its files: a few keys of its tree outside of them, with JSON values (release specification
 * §3.4, step 9). Each that changes is a block of its own, as in JavaScript.
 *
 * <p><b>Threading:</b> one thread.
 */
final class DriveFields {

    private static final List<String> NAMES = List.of("manifest", "metadata", "platformVersion");

    private final Drive source;
    private final long version;
    private final Drive target;

    DriveFields(Drive source, long version, Drive target) {
        this.source = source;
        this.version = version;
        this.target = target;
    }

    /** Whether a version of a drive has others than the source. */
    boolean differFrom(Drive other, long otherVersion) {
        return NAMES.stream()
                .anyMatch(name -> !Objects.equals(value(source, version, name), value(other, otherVersion, name)));
    }

    /** Makes those of the target the same. */
    void copy(Steps steps) {
        BTree tree = target.btree();
        for (String name : NAMES) {
            JsonText wanted = value(source, version, name);
            JsonText present = value(target, tree.version(), name);
            if (wanted == null && present != null) {
                steps.emit(new Provision.Unsetting(name));
                tree.delete(key(name));
            } else if (wanted != null && !wanted.equals(present)) {
                steps.emit(new Provision.Setting(name, JsonParser.parseString(wanted.text())));
                tree.put(key(name), wanted.text().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static @Nullable JsonText value(Drive drive, long version, String name) {
        TreeItem item = drive.btree().checkout(version).get(key(name));
        byte[] value = item == null ? null : item.value();
        try {
            return value == null ? null : JsonText.of(new String(value, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new EspalierException(
                    "ERR_CORRUPT", "The field " + name + " of drive " + drive.key() + " is no JSON.", e);
        }
    }

    private static byte[] key(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.espalier.log.Log;
import dev.espalier.log.LogStore;
import dev.espalier.log.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Stores with the primary key of the vectors, and what their logs are compared by. */
final class Stores {

    private Stores() {}

    static LogStore open(Path folder) {
        byte[] primaryKey = new byte[32];
        Arrays.fill(primaryKey, (byte) 7);
        return LogStore.open(folder, StoreOptions.defaults().withPrimaryKey(primaryKey));
    }

    static void checkState(String what, Log log, JsonObject state) {
        assertThat(log.length()).as(what).isEqualTo(state.get("length").getAsLong());
        assertThat(log.byteLength()).as(what).isEqualTo(state.get("byteLength").getAsLong());
        assertThat(log.fork()).as(what).isEqualTo(state.get("fork").getAsLong());
        assertThat(log.treeHash().toString())
                .as(what)
                .isEqualTo(state.get("treeHash").getAsString());
    }

    static List<String> hexBlocks(Log log) {
        List<String> blocks = new ArrayList<>();
        for (long i = 0; i < log.length(); i++) {
            blocks.add(Vectors.hex(log.get(i)));
        }
        return blocks;
    }

    static List<String> paths(Iterable<Entry> entries) {
        List<String> paths = new ArrayList<>();
        entries.forEach(entry -> paths.add(entry.path()));
        return paths;
    }
}

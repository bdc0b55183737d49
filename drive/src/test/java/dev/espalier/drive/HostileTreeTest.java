package dev.espalier.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonPrimitive;
import dev.espalier.merkle.EspalierException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Blocks that were signed and still make no sense end in one clear failure: no endless loop, no large allocation. */
class HostileTreeTest {

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A level: numbers of keys, then pairs of children. */
    private static byte[] level(long[] keys, long... children) {
        WireWriter packedKeys = new WireWriter(16);
        for (long key : keys) {
            packedKeys.varint(key);
        }
        WireWriter packedChildren = new WireWriter(16);
        for (long child : children) {
            packedChildren.varint(child);
        }
        WireWriter level = new WireWriter(32);
        if (keys.length > 0) {
            level.field(1, packedKeys.toByteArray());
        }
        if (children.length > 0) {
            level.field(2, packedChildren.toByteArray());
        }
        return level.toByteArray();
    }

    private static byte[] block(String key, byte[]... levels) {
        WireWriter index = new WireWriter(64);
        for (byte[] level : levels) {
            index.field(1, level);
        }
        return TreeBlock.encode(index.toByteArray(), key(key), key("v"));
    }

    private static BTree tree(byte[]... blocks) {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        fixture.log.append(List.of(ByteBuffer.wrap(TreeHeader.plain().encode())));
        for (byte[] block : blocks) {
            fixture.log.append(List.of(ByteBuffer.wrap(block)));
        }
        return fixture.tree;
    }

    private static long[] keys(long... keys) {
        return keys;
    }

    private static void assertCorrupt(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(EspalierException.class)
                .extracting(e -> ((EspalierException) e).code())
                .isEqualTo("ERR_CORRUPT");
    }

    private static void walk(BTree tree) {
        tree.snapshot().range(KeyRange.ALL).forEach(item -> {});
    }

    @Example
    void aNodeThatIsItsOwnChildIsNoticed() {
        BTree tree = tree(block("b", level(keys(1), 1, 0, 1, 0)));
        assertCorrupt(() -> tree.get(key("a")));
        assertCorrupt(() -> tree.get(key("c")));
        assertCorrupt(() -> walk(tree));
        assertCorrupt(() -> tree.snapshot().range(KeyRange.ALL.reversed()).forEach(item -> {}));
        assertCorrupt(() -> tree.snapshot().diff(tree.checkout(1), KeyRange.ALL).forEach(item -> {}));
        assertCorrupt(() -> tree.put(key("a"), null));
        assertCorrupt(() -> tree.delete(key("b")));
    }

    @Example
    void aCircleThroughSeveralBlocksIsNoticed() {
        // Level 1 of block 2 leads to level 0 of block 2 again, past a leaf whose key makes progress at first.
        BTree tree =
                tree(block("a", level(keys(1))), block("m", level(keys(2), 1, 0, 2, 1), level(keys(1), 2, 0, 2, 0)));
        assertCorrupt(() -> walk(tree));
        assertCorrupt(() -> tree.snapshot().diff(tree.checkout(2), KeyRange.ALL).forEach(item -> {}));
    }

    @Example
    void aChainOfNodesWithoutKeysIsNoticed() {
        BTree tree = tree(block("a", level(keys(), 1, 0)));
        assertCorrupt(() -> walk(tree));
        assertCorrupt(() -> tree.get(key("x")));
    }

    @Example
    void refsToLaterBlocksAndToTheHeaderAreRefused() {
        assertCorrupt(() -> walk(tree(block("a", level(keys(2))), block("b", level(keys(3))))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(0))))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 2, 0, 1, 1), level(keys())))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 0, 0, 0, 0)))));
    }

    @Example
    void refsToLevelsThatAreNotThereAreRefused() {
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 1, 7, 1, 8)))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 1, WireReader.MAX_NUMBER, 1, 1)))));
    }

    @Example
    void countsThatDoNotFitAreRefused() {
        assertCorrupt(() -> walk(tree(block("a", level(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 1})))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 1, 0)))));
        assertCorrupt(() -> walk(tree(block("a", level(keys(1), 1, 0, 1)))));
    }

    @Example
    void aMillionLevelsCostNoMoreThanTheirBytes() {
        WireWriter index = new WireWriter(1 << 21);
        for (int i = 0; i < 1_000_000; i++) {
            index.field(1, new byte[0]);
        }
        byte[] block = TreeBlock.encode(index.toByteArray(), key("a"), null);
        BTree tree = tree(block);
        assertThat(tree.get(key("a"))).isNull();
        assertThat(tree.snapshot().change(1).isDeletion()).isTrue();
    }

    @Example
    void keysOutOfOrderAreNoticed() {
        BTree tree = tree(block("z", level(keys(1))), block("a", level(keys(1, 2))));
        assertCorrupt(() -> walk(tree));
        assertCorrupt(() -> tree.snapshot().range(KeyRange.ALL.reversed()).forEach(item -> {}));
    }

    @Example
    void blocksThatAreNoMessagesAreRefused() {
        for (String hex : List.of(
                "",
                "0a",
                "0aff",
                "0a0012",
                "0a00",
                "120161",
                "0a05120161",
                "0affffffffffffffffff01",
                "0a000b120161",
                "0a0012016118",
                "0a001201611d0000")) {
            assertCorrupt(() -> walk(tree(Vectors.unhex(new JsonPrimitive(hex)))));
        }
    }

    @Example
    void unknownFieldsAreSkipped() {
        // 20: varint, 2d: fixed32, 31: fixed64, 3a: bytes.
        byte[] known = block("a", level(keys(1)));
        byte[] unknown = Vectors.unhex(new JsonPrimitive("20ff012d0000000031000000000000000a3a0161"));
        byte[] both = java.util.Arrays.copyOf(known, known.length + unknown.length);
        System.arraycopy(unknown, 0, both, known.length, unknown.length);
        assertThat(tree(both).get(key("a"))).isNotNull();
    }

    @Property(tries = 500)
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 80) byte[] bytes) {
        BTree tree = tree(bytes);
        try {
            walk(tree);
            tree.get(key("a"));
        } catch (EspalierException e) {
            assertThat(e.code()).isIn("ERR_CORRUPT", "ERR_NOT_FOUND");
        }
    }

    @Property(tries = 500)
    void aFlippedByteIsReadOrRefused(@ForAll int position, @ForAll byte flip) {
        byte[][] blocks = {
            block("a", level(keys(1))),
            block("c", level(keys(1, 2))),
            block("b", level(keys(1), 3, 1, 3, 2), level(keys()), level(keys(2)))
        };
        byte[] last = blocks[2];
        last[Math.floorMod(position, last.length)] ^= flip;
        try {
            walk(tree(blocks));
            tree(blocks).get(key("b"));
        } catch (EspalierException e) {
            assertThat(e.code()).isIn("ERR_CORRUPT", "ERR_NOT_FOUND");
        }
    }

    @Example
    void headersOfOtherThingsAreRefused() {
        for (String hex : List.of("", "00", "0a0468797065", "0a08687970657262656512ff", "1200")) {
            assertCorrupt(() -> TreeHeader.decode(Vectors.unhex(new JsonPrimitive(hex))));
        }
    }

    @Example
    void entriesThatAreNoEntriesAreRefused() {
        for (String json : List.of(
                "",
                "null",
                "1",
                "[]",
                "{",
                "{\"blob\":1}",
                "{\"blob\":{}}",
                "{\"blob\":{\"blockOffset\":-1,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":1.5,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":1e300,\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "{\"blob\":{\"blockOffset\":\"1\",\"byteOffset\":0,\"blockLength\":0,\"byteLength\":0}}",
                "[".repeat(5000))) {
            assertCorrupt(() -> EntryCodec.entry(new TreeItem(1, EntryCodec.key("/a"), key(json))));
        }
        assertCorrupt(() -> EntryCodec.entry(new TreeItem(1, EntryCodec.key("/a"), null)));
    }

    @Example
    void entriesOfOtherWritersAreRead() {
        Entry entry = EntryCodec.entry(new TreeItem(
                5,
                EntryCodec.key("/a"),
                key("{\"x\":1,\"metadata\":{\"b\":[1.0]},\"executable\":1,\"blob\":{\"byteLength\":3,\"blockLength\":1,"
                        + "\"byteOffset\":2,\"blockOffset\":1,\"y\":0}}")));
        assertThat(entry).isEqualTo(new Entry(5, "/a", true, null, new BlobId(1, 2, 1, 3), JsonText.of("{\"b\":[1]}")));
    }

    @Example
    void listingsOfDirectChildrenGetPastNamesThatAreNotUtf8() {
        TreeFixture fixture = new TreeFixture(TreeHeader.plain());
        byte[] odd = EntryCodec.key("/?/a");
        odd[7] = (byte) 0xff;
        byte[] file = EntryCodec.value(new Entry(0, "/a", false, null, null, null));
        fixture.tree.put(odd, file);
        fixture.tree.put(EntryCodec.key("/b"), file);
        // A step back instead of forward would list the odd name for ever.
        ShallowList children = new ShallowList(fixture.tree.snapshot(), "", ListOptions.SHALLOW.limit(10));
        assertThat(children.next().name()).isEqualTo("b");
        assertThat(children.next().name()).isEqualTo("\ufffd");
        assertThat(children.hasNext()).isFalse();
    }
}

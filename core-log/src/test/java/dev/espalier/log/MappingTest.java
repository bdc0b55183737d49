package dev.espalier.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MappingTest {

    @TempDir
    Path folder;

    private static StorageFile open(MappingMode mode, Path path, long size) {
        StorageFile file = new FileStorage(mode).open(path, true);
        file.grow(size);
        return file;
    }

    @Test
    void theAccessThatTheBuildGivesIsEnoughForChronicle() {
        assertThat(MappingMode.best()).isEqualTo(MappingMode.CHRONICLE);
    }

    @Test
    void bothImplementationsReadWhatTheChannelWrites() {
        try (StorageFile file = open(MappingMode.PLAIN, folder.resolve("file"), 4096 + 8192);
                StorageFile same = open(MappingMode.CHRONICLE, folder.resolve("file"), 0)) {
            Mapping plain = file.map(4096, 8192);
            Mapping chronicle = same.map(4096, 8192);
            byte[] content = new byte[8192];
            Random random = new Random(42);
            for (int i = 0; i < 10_000; i++) {
                int length = random.nextInt(100);
                int at = random.nextInt(8192 - length);
                byte[] in = new byte[length];
                random.nextBytes(in);
                System.arraycopy(in, 0, content, at, length);
                file.write(4096 + at, ByteBuffer.wrap(in));

                byte[] fromPlain = new byte[length];
                byte[] fromChronicle = new byte[length];
                plain.get(at, fromPlain, 0, length);
                chronicle.get(at, fromChronicle, 0, length);
                assertThat(fromPlain).isEqualTo(in);
                assertThat(fromChronicle).isEqualTo(in);
                int word = random.nextInt(8192 / 8) * 8;
                long expected =
                        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong(word);
                for (Mapping mapping : new Mapping[] {plain, chronicle}) {
                    assertThat(mapping.getLong(word)).isEqualTo(expected);
                    assertThat(mapping.getLongAcquire(word)).isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void aRegionWritesByTheChannelAndReadsByTheMapping(MappingMode mode) throws IOException {
        Path path = folder.resolve("file");
        try (StorageFile file = open(mode, path, 8192)) {
            Region region = new Region(file.map(4096, 4096), file, 4096);
            region.putLong(8, 0x0102030405060708L);
            region.put(16, new byte[] {0, 9, 10, 0}, 1, 2);
            assertThat(region.getLong(8)).isEqualTo(0x0102030405060708L);
            byte[] all = Files.readAllBytes(path);
            assertThat(all[4096 + 8]).isEqualTo((byte) 8);
            assertThat(all[4096 + 17]).isEqualTo((byte) 10);
            assertThat(region.size()).isEqualTo(4096);
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void accessOutsideIsRefused(MappingMode mode) {
        try (StorageFile file = open(mode, folder.resolve("file"), 8192)) {
            Mapping mapping = file.map(0, 4096);
            byte[] array = new byte[16];
            assertThatThrownBy(() -> mapping.getLong(4096)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> mapping.getLong(-8)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> mapping.getLongAcquire(4096)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> mapping.get(4090, array, 0, 16)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> mapping.get(0, array, 8, 16)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(MappingMode.class)
    void nothingIsMappedBeyondTheEndOfTheFile(MappingMode mode) {
        try (StorageFile file = open(mode, folder.resolve("file"), 8192)) {
            assertThatThrownBy(() -> file.map(4096, 8192)).isInstanceOf(StorageException.class);
            assertThatThrownBy(() -> file.mapReadOnly(4096, 8192)).isInstanceOf(StorageException.class);
            assertThat(file.size()).isEqualTo(8192);
        }
    }
}

package dev.espalier.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How random-access files are mapped. */
enum MappingMode {

    /** Chronicle byte stores; needs access to JVM internals ({@code --add-exports java.base/sun.nio.ch} and more). */
    CHRONICLE {
        @Override
        Mapping map(FileChannel channel, long position, int size) throws IOException {
            return ChronicleMapping.map(channel, position, size);
        }
    },

    /** Mapped buffers of the class library. */
    PLAIN {
        @Override
        Mapping map(FileChannel channel, long position, int size) throws IOException {
            return new BufferMapping(channel.map(FileChannel.MapMode.READ_ONLY, position, size));
        }
    };

    /** Maps existing bytes. */
    abstract Mapping map(FileChannel channel, long position, int size) throws IOException;

    /** The best mode that works in this JVM; found out once, said once. */
    static MappingMode best() {
        return Best.MODE;
    }

    private static final class Best {

        static final MappingMode MODE = choose();

        private static MappingMode choose() {
            Logger log = LoggerFactory.getLogger(MappingMode.class);
            // Asked first, since Chronicle complains in the application's log when it is kept out.
            if (!allowed()) {
                log.info(
                        "Mapping files with plain buffers: the JVM was started without the access that Chronicle needs");
                return PLAIN;
            }
            try {
                if (works(CHRONICLE)) {
                    log.info("Mapping files with Chronicle Bytes");
                    return CHRONICLE;
                }
                log.info("Mapping files with plain buffers: Chronicle Bytes reads back something else");
            } catch (Exception | LinkageError | AssertionError e) {
                log.info(
                        "Mapping files with plain buffers: Chronicle Bytes does not work in this JVM ({})",
                        e.toString());
            }
            return PLAIN;
        }

        private static boolean allowed() {
            Module base = Object.class.getModule();
            Module us = MappingMode.class.getModule();
            return base.isExported("sun.nio.ch", us) && base.isOpen("java.lang.reflect", us);
        }

        /** Maps the second page of a file, since mapping at 4096 fails where pages are larger. */
        private static boolean works(MappingMode mode) throws IOException {
            Path file = Files.createTempFile("espalier", ".probe");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(8192), 0);
                Mapping mapping = mode.map(channel, 4096, 4096);
                channel.write(ByteBuffer.wrap(new byte[] {8, 7, 6, 5, 4, 3, 2, 1}), 4096 + 8);
                return mapping.getLongAcquire(8) == 0x0102030405060708L && mapping.getLong(16) == 0;
            } finally {
                Files.delete(file);
            }
        }
    }
}

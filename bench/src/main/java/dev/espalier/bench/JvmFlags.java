package dev.espalier.bench;

/** Flags of the forked JVMs: those of the {@code espalier} launcher, and a heap that does not depend on the machine. */
final class JvmFlags {

    static final String HEAP_LEAST = "-Xms1g";
    static final String HEAP_MOST = "-Xmx1g";
    static final String INTERNAL_MISC = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
    static final String INTERNAL_REF = "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED";
    static final String NIO_CHANNELS = "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED";
    static final String REFLECT = "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED";
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    /** Lets JDK 17 pass over {@link #UNSAFE_QUIET}, which only newer ones know. */
    static final String UNKNOWN_OPTIONS = "-XX:+IgnoreUnrecognizedVMOptions";

    static final String UNSAFE_QUIET = "--sun-misc-unsafe-memory-access=allow";

    private JvmFlags() {}
}

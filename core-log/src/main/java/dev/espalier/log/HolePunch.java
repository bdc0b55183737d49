package dev.espalier.log;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes holes in files by {@code fallocate} of Linux, for which the class library has no name.
 *
 * <p>Needs Java 22 for its foreign functions, reached by name since this code runs on Java 17 too, and a JVM started with
 * {@code --enable-native-access}. Elsewhere files keep their room, and that is said once.
 *
 * <p><b>Threading:</b> any thread.
 */
final class HolePunch {

    private static final Logger LOG = LoggerFactory.getLogger(HolePunch.class);

    private static final int READ_WRITE_CLOSE_ON_EXEC = 0x80002;
    private static final int KEEP_SIZE_PUNCH_HOLE = 3;

    private final MethodHandle open;
    private final MethodHandle fallocate;
    private final MethodHandle close;
    private final Foreign foreign;

    private HolePunch(Foreign foreign) throws ReflectiveOperationException {
        this.foreign = foreign;
        this.open = foreign.function("open", "JAVA_INT", 2, "ADDRESS", "JAVA_INT");
        this.fallocate =
                foreign.function("fallocate", "JAVA_INT", -1, "JAVA_INT", "JAVA_INT", "JAVA_LONG", "JAVA_LONG");
        this.close = foreign.function("close", "JAVA_INT", -1, "JAVA_INT");
    }

    /** Null where files cannot be given holes. */
    static @Nullable HolePunch instance() {
        return Known.INSTANCE;
    }

    private static final class Known {

        static final @Nullable HolePunch INSTANCE = find();

        private static @Nullable HolePunch find() {
            String why;
            if (!System.getProperty("os.name").equals("Linux")) {
                why = "this is not Linux";
            } else if (Runtime.version().feature() < 22) {
                why = "it needs Java 22";
            } else {
                try {
                    Object enabled =
                            Module.class.getMethod("isNativeAccessEnabled").invoke(HolePunch.class.getModule());
                    if (Boolean.TRUE.equals(enabled)) {
                        return new HolePunch(new Foreign());
                    }
                    why = "the JVM was started without --enable-native-access";
                } catch (ReflectiveOperationException | RuntimeException e) {
                    why = e.toString();
                }
            }
            LOG.info("Room of cleared blocks is not given back to the file system: {}", why);
            return null;
        }
    }

    /** Makes a hole; false when the system refuses, as some file systems do. */
    boolean punch(Path file, long position, long length) {
        try (AutoCloseable arena = foreign.arena()) {
            int descriptor =
                    (int) open.invokeWithArguments(foreign.text(arena, file.toString()), READ_WRITE_CLOSE_ON_EXEC);
            if (descriptor < 0) {
                return false;
            }
            try {
                return (int) fallocate.invokeWithArguments(descriptor, KEEP_SIZE_PUNCH_HOLE, position, length) == 0;
            } finally {
                int closed = (int) close.invokeWithArguments(descriptor);
                LOG.trace("closed: {}", closed);
            }
        } catch (Throwable e) {
            LOG.warn("Cannot make a hole in {}", file, e);
            return false;
        }
    }

    /** The few names of {@code java.lang.foreign} that are needed. */
    private static final class Foreign {

        private final Class<?> segment = named("MemorySegment");
        private final Class<?> layout = named("MemoryLayout");
        private final Class<?> option = named("Linker$Option");
        private final Class<?> descriptor = named("FunctionDescriptor");
        private final Object linker = named("Linker").getMethod("nativeLinker").invoke(null);
        private final Object lookup = named("Linker").getMethod("defaultLookup").invoke(linker);
        private final Method newArena = named("Arena").getMethod("ofConfined");
        private final Method allocate = named("SegmentAllocator").getMethod("allocateFrom", String.class);

        Foreign() throws ReflectiveOperationException {}

        private static Class<?> named(String name) throws ClassNotFoundException {
            return Class.forName("java.lang.foreign." + name);
        }

        /** A function of the C library; {@code firstVariadic} is the place of its first variable argument or -1. */
        MethodHandle function(String name, String result, int firstVariadic, String... arguments)
                throws ReflectiveOperationException {
            Optional<?> address = (Optional<?>)
                    named("SymbolLookup").getMethod("find", String.class).invoke(lookup, name);
            Object layouts = Array.newInstance(layout, arguments.length);
            for (int i = 0; i < arguments.length; i++) {
                Array.set(layouts, i, constant(arguments[i]));
            }
            Object shape =
                    descriptor.getMethod("of", layout, layouts.getClass()).invoke(null, constant(result), layouts);
            Object options = Array.newInstance(option, firstVariadic < 0 ? 0 : 1);
            if (firstVariadic >= 0) {
                Array.set(
                        options,
                        0,
                        option.getMethod("firstVariadicArg", int.class).invoke(null, firstVariadic));
            }
            return (MethodHandle) named("Linker")
                    .getMethod("downcallHandle", segment, descriptor, options.getClass())
                    .invoke(linker, address.orElseThrow(), shape, options);
        }

        private static Object constant(String name) throws ReflectiveOperationException {
            return named("ValueLayout").getField(name).get(null);
        }

        AutoCloseable arena() throws ReflectiveOperationException {
            return (AutoCloseable) newArena.invoke(null);
        }

        Object text(Object arena, String text) throws ReflectiveOperationException {
            return allocate.invoke(arena, text);
        }
    }
}

package dev.espalier.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** How all benchmarks are measured, unless the command line says otherwise. JMH inherits these annotations. */
@Fork(
        value = 3,
        jvmArgsAppend = {
            JvmFlags.HEAP_LEAST,
            JvmFlags.HEAP_MOST,
            JvmFlags.INTERNAL_MISC,
            JvmFlags.INTERNAL_REF,
            JvmFlags.NIO_CHANNELS,
            JvmFlags.REFLECT,
            JvmFlags.NATIVE_ACCESS,
            JvmFlags.UNKNOWN_OPTIONS,
            JvmFlags.UNSAFE_QUIET
        })
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@OutputTimeUnit(TimeUnit.SECONDS)
public abstract class Measured {}

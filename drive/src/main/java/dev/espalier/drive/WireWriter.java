package dev.espalier.drive;

import java.util.Arrays;

/** Writes the part of the protobuf wire format that the B-tree uses, numbers in their shortest form. */
final class WireWriter {

    private byte[] bytes;
    private int size;

    WireWriter(int capacity) {
        this.bytes = new byte[Math.max(16, capacity)];
    }

    /** How many bytes a number takes. */
    static int varintLength(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    int size() {
        return size;
    }

    WireWriter varint(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** Tag byte and length of a field of bytes; the bytes are up to the caller. */
    WireWriter field(int number, long length) {
        room(1);
        bytes[size++] = (byte) (number << 3 | 2);
        return varint(length);
    }

    WireWriter field(int number, byte[] value) {
        field(number, value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    byte[] toByteArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    private void room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, count), bytes.length * 2));
        }
    }
}

package dev.espalier.merkle;

import java.util.Arrays;

/**
 * The text form of keys: z-base-32, most significant bits first, no padding (log specification §15).
 *
 * <p><b>Threading:</b> stateless.
 */
public final class ZBase32 {

    /** The 32 digits in order of their value. */
    public static final String ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769";

    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            VALUES[ALPHABET.charAt(i)] = (byte) i;
        }
    }

    private ZBase32() {}

    /** Whether {@code text} consists of digits of the alphabet only. Case matters. */
    public static boolean isValid(String text) {
        return text.chars().allMatch(c -> c < 128 && VALUES[c] >= 0);
    }

    /** The text of {@code bytes}: one digit for every five bits begun. */
    public static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int held = 0;
        for (byte b : bytes) {
            held = (held << 8) | (b & 0xff);
            for (bits += 8; bits >= 5; bits -= 5) {
                text.append(ALPHABET.charAt((held >> (bits - 5)) & 31));
            }
        }
        if (bits > 0) {
            text.append(ALPHABET.charAt((held << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /**
     * The bytes of {@code text}; bits beyond the last whole byte are ignored.
     *
     * @throws EncodingException on a character that is no digit
     */
    public static byte[] decode(String text) {
        byte[] bytes = new byte[(int) ((long) text.length() * 5 / 8)];
        int bits = 0;
        int held = 0;
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int value = c < 128 ? VALUES[c] : -1;
            if (value < 0) {
                throw new EncodingException("position " + i + ": '" + c + "' is no z-base-32 digit");
            }
            held = (held << 5) | value;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes[size++] = (byte) (held >> bits);
            }
        }
        return bytes;
    }
}

package dev.espalier.release;

/**
 * Numbers of bytes as a person reads them: powers of 1000, at most one decimal, no space.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class SizeText {

    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private SizeText() {}

    /** {@code 300kB}, {@code -30B}, {@code 1.2GB}. Halves are rounded up, and 999950 is {@code 1000kB}, as Pear has it. */
    public static String of(long bytes) {
        int unit = 0;
        double scaled = bytes;
        while (Math.abs(scaled) >= 1000 && unit < UNITS.length - 1) {
            scaled = bytes / Math.pow(1000, ++unit);
        }
        long tenths = Math.round(scaled * 10);
        String number = tenths % 10 == 0
                ? Long.toString(tenths / 10)
                : (tenths < 0 ? "-" : "") + Math.abs(tenths / 10) + "." + Math.abs(tenths % 10);
        return number + UNITS[unit];
    }

    /** The same with {@code +} in front when positive: {@code +31B}, {@code -30B}, {@code 0B}. */
    public static String signed(long bytes) {
        return (bytes > 0 ? "+" : "") + of(bytes);
    }
}

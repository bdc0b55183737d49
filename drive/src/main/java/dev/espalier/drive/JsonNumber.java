package dev.espalier.drive;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as JavaScript prints them: the fewest digits that read back as the same number, the nearest of these.
 *
 * <p>Not {@link Double#toString(double)}: before Java 19 it sometimes prints a digit too many.
 */
final class JsonNumber {

    private static final double MAX_EXACT = 1L << 53;

    private JsonNumber() {}

    static String text(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "null";
        }
        if (value == Math.rint(value) && Math.abs(value) < MAX_EXACT) {
            return Long.toString((long) value);
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        return (value < 0 ? "-" : "") + layout(digits, digits.length() - shortest.scale());
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            // The nearest one first; where floating point numbers get denser, only one neighbour may read back.
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
                BigDecimal candidate = exact.round(new MathContext(digits, mode));
                if (candidate.doubleValue() == value) {
                    return candidate;
                }
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
    }

    /** Places {@code digits} so that the decimal point comes after {@code point} of them. */
    private static String layout(String digits, int point) {
        int count = digits.length();
        if (point > 21 || point <= -6) {
            int exponent = point - 1;
            String mantissa = count == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            return mantissa + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
        }
        if (point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        return point >= count
                ? digits + "0".repeat(point - count)
                : digits.substring(0, point) + "." + digits.substring(point);
    }
}

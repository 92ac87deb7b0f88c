final class Fraction {
    private final int numerator;
    private final int denominator;

    Fraction(int numerator, int denominator) {
        if (denominator == 0) throw new IllegalArgumentException("the denominator is 0");
        int divisor = greatestCommonDivisor(Math.abs(numerator), Math.abs(denominator));
        int sign = denominator < 0 ? -1 : 1;
        this.numerator = sign * numerator / divisor;
        this.denominator = sign * denominator / divisor;
    }

    private static int greatestCommonDivisor(int one, int other) {
        return other == 0 ? one : greatestCommonDivisor(other, one % other);
    }

    @Override
    public String toString() {
        return denominator == 1 ? "" + numerator : numerator + "/" + denominator;
    }
}

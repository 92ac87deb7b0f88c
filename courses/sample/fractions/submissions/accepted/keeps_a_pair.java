record Fraction(long numerator, long denominator) implements Comparable<Fraction> {
    Fraction {
        if (denominator == 0) throw new IllegalArgumentException("no denominator");
        long one = Math.abs(numerator), other = Math.abs(denominator);
        while (other != 0) {
            long rest = one % other;
            one = other;
            other = rest;
        }
        long divisor = denominator < 0 ? -one : one;
        numerator /= divisor;
        denominator /= divisor;
    }

    Fraction plus(Fraction that) {
        return new Fraction(numerator * that.denominator + that.numerator * denominator, denominator * that.denominator);
    }

    Fraction times(Fraction that) {
        return new Fraction(numerator * that.numerator, denominator * that.denominator);
    }

    public int compareTo(Fraction that) {
        return Long.compare(numerator * that.denominator, that.numerator * denominator);
    }

    @Override
    public String toString() {
        return denominator == 1 ? Long.toString(numerator) : numerator + "/" + denominator;
    }
}

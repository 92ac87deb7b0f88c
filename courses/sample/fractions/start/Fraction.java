class Fraction {
    Fraction(int numerator, int denominator) {
    }
}

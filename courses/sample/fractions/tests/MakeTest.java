import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MakeTest {
    @ParameterizedTest
    @CsvSource({"1, 2, 1/2", "6, 8, 3/4", "10, 5, 2", "0, 7, 0"})
    void inLowestTerms(int numerator, int denominator, String shown) {
        assertEquals(shown, new Fraction(numerator, denominator).toString());
    }

    @Test
    void minusStandsAbove() {
        assertEquals("-1/2", new Fraction(1, -2).toString());
        assertEquals("1/2", new Fraction(-1, -2).toString());
    }

    @Test
    void nothingIsDividedByZero() {
        assertThrows(IllegalArgumentException.class, () -> new Fraction(1, 0));
    }
}

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ReckonTest {
    @Test
    void sums() {
        assertEquals("5/6", new Fraction(1, 2).plus(new Fraction(1, 3)).toString());
        assertEquals("0", new Fraction(1, 4).plus(new Fraction(-1, 4)).toString());
    }

    @Test
    void products() {
        assertEquals("1/3", new Fraction(2, 3).times(new Fraction(1, 2)).toString());
        assertEquals("-2", new Fraction(4, 1).times(new Fraction(-1, 2)).toString());
    }

    @Test
    void operandsStayAsTheyAre() {
        Fraction half = new Fraction(1, 2);
        half.plus(half);
        half.times(half);
        assertEquals("1/2", half.toString());
    }
}

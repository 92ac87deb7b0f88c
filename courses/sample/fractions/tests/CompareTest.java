import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CompareTest {
    @Test
    void equalFractions() {
        assertEquals(new Fraction(1, 2), new Fraction(2, 4));
        assertNotEquals(new Fraction(1, 2), new Fraction(1, 3));
        assertNotEquals(new Fraction(1, 2), "1/2");
    }

    @Test
    void inASet() {
        assertEquals(2, new HashSet<>(List.of(new Fraction(1, 2), new Fraction(3, 6), new Fraction(2, 3))).size());
    }

    @Test
    void sorted() {
        List<Fraction> unsorted = List.of(new Fraction(1, 2), new Fraction(-1, 2), new Fraction(1, 3));
        assertEquals("[-1/2, 1/3, 1/2]", unsorted.stream().sorted().collect(Collectors.toList()).toString());
        assertTrue(new Fraction(2_000_000_000, 3).compareTo(new Fraction(1, 2)) > 0);
    }
}

import unittest

from weather import parse_line


class ParseTest(unittest.TestCase):
    def test_date_and_temperature(self):
        self.assertEqual(parse_line("2026-07-01, 21.5"), ("2026-07-01", 21.5))

    def test_below_zero(self):
        self.assertEqual(parse_line("2026-01-03, -2.5"), ("2026-01-03", -2.5))

    def test_spaces_do_not_matter(self):
        self.assertEqual(parse_line("  2026-01-03 ,4 \n"), ("2026-01-03", 4.0))

    def test_temperature_is_a_number(self):
        self.assertIsInstance(parse_line("2026-07-01, 21")[1], float, "the temperature should be a float")

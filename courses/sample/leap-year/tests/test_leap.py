import unittest

from leap import is_leap_year


class LeapYearTest(unittest.TestCase):
    def test_ordinary_years_are_not_leap_years(self):
        for year in (1997, 2015, 2023):
            self.assertEqual(is_leap_year(year), False, f"{year} cannot be divided by 4")

    def test_every_fourth_year_is_a_leap_year(self):
        for year in (1996, 2020, 2024):
            self.assertEqual(is_leap_year(year), True, f"{year} can be divided by 4")

    def test_centuries_are_not_leap_years(self):
        for year in (1700, 1800, 1900, 2100):
            self.assertEqual(is_leap_year(year), False, f"{year} is not a leap year")

    def test_every_fourth_century_is_a_leap_year(self):
        for year in (1600, 2000, 2400):
            self.assertEqual(is_leap_year(year), True, f"{year} can be divided by 400")


if __name__ == "__main__":
    unittest.main()

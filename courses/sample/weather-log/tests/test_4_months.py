import unittest

from weather import means_by_month


class MonthsTest(unittest.TestCase):
    def test_two_months(self):
        lines = ["2026-02-27, 1", "2026-02-28, 2", "2026-03-01, 4.5"]
        self.assertEqual(means_by_month(lines), {"2026-02": 1.5, "2026-03": 4.5})

    def test_the_same_month_of_two_years(self):
        self.assertEqual(means_by_month(["2025-06-01, 10", "2026-06-01, 20"]), {"2025-06": 10.0, "2026-06": 20.0})

    def test_order(self):
        lines = ["2026-03-01, 1", "2026-01-01, 1", "2026-03-02, 1"]
        self.assertEqual(list(means_by_month(lines)), ["2026-03", "2026-01"])

    def test_no_day(self):
        self.assertEqual(means_by_month([]), {})

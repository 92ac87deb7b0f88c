import unittest

from weather import warmest


class WarmestTest(unittest.TestCase):
    def test_one_day(self):
        self.assertEqual(warmest(["2026-07-01, 21.5"]), "2026-07-01")

    def test_three_days(self):
        lines = ["2026-07-01, 9.5", "2026-07-02, 21.0", "2026-07-03, 20.9"]
        self.assertEqual(warmest(lines), "2026-07-02")

    def test_winter(self):
        lines = ["2026-01-01, -7", "2026-01-02, -3", "2026-01-03, -5"]
        self.assertEqual(warmest(lines), "2026-01-02", "every day is below zero")

    def test_first_of_equals(self):
        self.assertEqual(warmest(["2026-05-01, 15", "2026-05-02, 15"]), "2026-05-01")

    def test_no_day(self):
        self.assertIsNone(warmest([]))

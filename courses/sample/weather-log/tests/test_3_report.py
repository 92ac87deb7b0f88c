import unittest

from weather import report


class ReportTest(unittest.TestCase):
    def test_three_days(self):
        lines = ["2026-01-03, -2.5", "2026-01-04, 1", "2026-01-05, 6"]
        self.assertEqual(report(lines), "days: 3\nmean: 1.5\nwarmest: 2026-01-05\n")

    def test_mean_has_one_digit(self):
        lines = ["2026-03-01, 1", "2026-03-02, 1", "2026-03-03, 2"]
        self.assertIn("mean: 1.3\n", report(lines))

    def test_no_day(self):
        self.assertEqual(report([]), "days: 0\n")

import random
import unittest

from sorting import sort_numbers


class SortingTest(unittest.TestCase):
    def test_empty_list(self):
        self.assertEqual(sort_numbers([]), [])

    def test_one_number(self):
        self.assertEqual(sort_numbers([7]), [7])

    def test_reversed(self):
        self.assertEqual(sort_numbers([3, 2, 1]), [1, 2, 3])

    def test_equal_numbers_are_all_kept(self):
        self.assertEqual(sort_numbers([2, 1, 2, 1, 2]), [1, 1, 2, 2, 2])

    def test_negative_numbers_and_fractions(self):
        self.assertEqual(sort_numbers([0.5, -3, 2, -0.25]), [-3, -0.25, 0.5, 2])

    def test_the_given_list_stays_as_it_is(self):
        numbers = [3, 1, 2]
        sort_numbers(numbers)
        self.assertEqual(numbers, [3, 1, 2], "your function changed the list that it was given")

    def test_many_numbers(self):
        numbers = random.Random(1).choices(range(-1_000, 1_000), k=300)
        self.assertEqual(sort_numbers(numbers), sorted(numbers))

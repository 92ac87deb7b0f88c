"""Everything here must pass apart as it does in one process."""

import asyncio
import collections
import contextlib
import copy
import datetime
import decimal
import fractions
import inspect
import io
import itertools
import random
import unittest
from unittest import mock

import shape
from shape import *


class Values(unittest.TestCase):
    def test_plain_values_come_back_equal_and_of_the_same_type(self):
        values = [
            None, True, 1.5, float("inf"), 10**400, "\ud800", b"x", {1: [2]}, {1, 2}, (1, (2,)), 1j, range(3), slice(1, 2),
            datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), datetime.time(1, 2),
            datetime.timedelta(1), decimal.Decimal("1.10"), fractions.Fraction(1, 3), collections.Counter("aab"),
            collections.OrderedDict(a=1), collections.deque([1], 3), frozenset([1]), bytearray(b"y"),
        ]
        for value in values:
            back = same(value)
            self.assertEqual(back, value)
            self.assertIs(type(back), type(value))
        self.assertEqual(str(same(float("nan"))), "nan")

    def test_lists_keep_their_identity_and_changes(self):
        items = [3, 2]
        extend(items)
        self.assertEqual(items, [1, 2, 3])
        self.assertIs(same(items), items)
        stack = Stack()
        stack.items.append(9)
        self.assertEqual((len(stack), stack.items), (1, [9]))
        cycle = [1]
        cycle.append(cycle)
        self.assertIs(same(cycle)[1], cycle)

    def test_subclasses_of_built_in_types(self):
        point = Point(1, 2)
        self.assertEqual(point, (1, 2))
        self.assertEqual((point.x, point._replace(x=3)), (1, (3, 2)))
        self.assertIsInstance(point, tuple)
        self.assertEqual(Items([1, 2]), [1, 2])
        self.assertNotEqual(Items([1, 2]), [2, 1])


class Objects(unittest.TestCase):
    def test_instances(self):
        stack = Stack()
        self.assertIs(stack.push(1), stack)
        self.assertIn(1, stack)
        self.assertNotIn(2, stack)
        self.assertEqual((stack + 2).items, [1, 2])
        self.assertEqual(stack, Stack.of(1))
        self.assertNotEqual(stack, [1])
        self.assertIsInstance(stack, Stack)
        self.assertIs(type(stack), Stack)
        self.assertEqual(vars(stack), {"items": [1]})
        self.assertTrue(hasattr(stack, "use"))
        self.assertFalse(hasattr(stack, "nope"))
        stack.extra = 5
        self.assertEqual(stack.extra, 5)
        del stack.extra
        with self.assertRaises(AttributeError):
            stack.extra
        with self.assertRaises(TypeError):
            hash(stack)

    def test_copies(self):
        stack = Stack([1])
        other = copy.deepcopy(stack)
        other.items.append(2)
        self.assertEqual((stack.items, other.items), ([1], [1, 2]))

    def test_enums(self):
        self.assertIs(Color.RED, Color(1))
        self.assertIs(Color["RED"], Color.RED)
        self.assertNotEqual(Color.RED, Color.BLUE)
        self.assertEqual(list(Color), [Color.RED, Color.BLUE])
        self.assertEqual(len(Color), 2)
        self.assertEqual({Color.RED: 1}[Color.RED], 1)

    def test_extended_in_the_tests(self):
        class Mine(Stack):
            def __init__(self, count):
                super().__init__(range(count))
                self.count = count

            def helper(self):
                return "mine+" + super().helper()

        mine = Mine(2)
        self.assertEqual((mine.use(), mine.count, len(mine)), ("mine+base", 2, 2))
        self.assertIsInstance(mine, Stack)

    def test_generators(self):
        numbers = fibonacci()
        self.assertTrue(inspect.isgenerator(numbers))
        self.assertEqual(list(itertools.islice(numbers, 6)), [0, 1, 1, 2, 3, 5])

    def test_coroutines(self):
        self.assertEqual(asyncio.run(later(1)), 2)

    def test_signatures(self):
        self.assertEqual(list(inspect.signature(add).parameters), ["a", "b"])
        self.assertEqual(add.__name__, "add")


class Errors(unittest.TestCase):
    def test_own_classes(self):
        with self.assertRaisesRegex(StackError, "stack is full") as caught:
            Stack([1, 2, 3]).push(4)
        self.assertEqual((caught.exception.item, caught.exception.args), (4, ("full", 4)))
        with self.assertRaises(ValueError):
            Stack([1, 2, 3]).push(4)

    def test_causes(self):
        with self.assertRaises(StackError) as caught:
            wrapped()
        self.assertIsInstance(caught.exception.__cause__, KeyError)

    def test_standard_classes(self):
        with self.assertRaises(decimal.InvalidOperation):
            fail()
        with self.assertRaises(SystemExit) as caught:
            leave()
        self.assertEqual(caught.exception.code, 3)

    def test_errors_of_the_tests_come_back_as_themselves(self):
        class Boom(Exception):
            pass

        boom = Boom("x")

        def explode(item):
            raise boom

        with self.assertRaises(Boom) as caught:
            each(explode, [1])
        self.assertIs(caught.exception, boom)


class Callbacks(unittest.TestCase):
    def test_functions(self):
        self.assertEqual(each(lambda item: item * 2, [1, 2]), [2, 4])
        self.assertEqual(each(str.upper, ["a"]), ["A"])
        self.assertEqual(each(len, ["abc"]), [3])
        self.assertEqual(each(Stack.of, [1])[0], Stack([1]))

    def test_files(self):
        file = io.StringIO()
        save(file)
        self.assertEqual(file.getvalue(), "abcdef")

    def test_input_and_output(self):
        with mock.patch("builtins.input", return_value="Bob") as asked, contextlib.redirect_stdout(io.StringIO()) as printed:
            greet()
        self.assertEqual(printed.getvalue(), "hello Bob\n")
        asked.assert_called_once_with("name? ")
        with mock.patch("sys.stdin", io.StringIO("Eve\n")), mock.patch("sys.stdout", io.StringIO()) as printed:
            greet()
        self.assertIn("hello Eve\n", printed.getvalue())
        with self.assertRaises(EOFError):
            greet()

    def test_patches(self):
        with mock.patch("shape.random.randint", return_value=42):
            self.assertEqual(roll(), 42)
        with mock.patch("random.randint", return_value=43):
            self.assertEqual(roll(), 43)
        with mock.patch("shape.roll", return_value=44):
            self.assertEqual(shape.roll(), 44)
        with mock.patch.object(Stack, "helper", lambda self: "patched"):
            self.assertEqual(Stack().use(), "patched")
        self.assertEqual(Stack().use(), "base")
        self.assertIn(roll(), range(1, 7))

    def test_seeds(self):
        random.seed(4)
        first = [roll() for _ in range(20)]
        random.seed(4)
        self.assertEqual([roll() for _ in range(20)], first)

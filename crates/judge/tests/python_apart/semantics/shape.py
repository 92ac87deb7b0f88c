"""A learner's module with a bit of everything that tests may touch."""

import collections
import decimal
import enum
import random
import sys


class StackError(ValueError):
    def __init__(self, message, item):
        super().__init__(message, item)
        self.item = item

    def __str__(self):
        return "stack is " + self.args[0]


class Stack:
    limit = 3

    def __init__(self, items=()):
        self.items = list(items)

    def push(self, item):
        if len(self.items) >= self.limit:
            raise StackError("full", item)
        self.items.append(item)
        return self

    def __len__(self):
        return len(self.items)

    def __contains__(self, item):
        return item in self.items

    def __add__(self, other):
        return Stack(self.items + (other.items if isinstance(other, Stack) else [other]))

    def __eq__(self, other):
        return isinstance(other, Stack) and other.items == self.items

    def helper(self):
        return "base"

    def use(self):
        return self.helper()

    @property
    def top(self):
        return self.items[-1]

    @classmethod
    def of(cls, *items):
        return cls(items)


class Items(list):
    pass


class Color(enum.Enum):
    RED = 1
    BLUE = 2


Point = collections.namedtuple("Point", "x y")


def add(a, b):
    return a + b


def same(value):
    return value


def greet():
    print("hello", input("name? "))


def extend(items):
    items.append(1)
    items.sort()


def each(function, items):
    return [function(item) for item in items]


def save(file):
    file.write("abc")
    file.write("def")


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def roll():
    return random.randint(1, 6)


async def later(value):
    return value + 1


def leave():
    sys.exit(3)


def fail():
    raise decimal.InvalidOperation("no")


def wrapped():
    try:
        return {}["key"]
    except KeyError as error:
        raise StackError("lost", 1) from error

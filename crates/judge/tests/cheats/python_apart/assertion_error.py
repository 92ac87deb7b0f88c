"""Raises failed assertions and interruptions of its own."""
# outcome: error
import itertools

ERRORS = itertools.cycle([AssertionError, KeyboardInterrupt, GeneratorExit, StopIteration, SystemExit])


def double(value):
    raise next(ERRORS)("4")


def apply(function, value):
    raise next(ERRORS)("10")

"""Honest, but wrong."""
# outcome: wrong_answer
# passes: test_contains test_printed test_true


def double(value):
    return value


def apply(function, value):
    return function(value)

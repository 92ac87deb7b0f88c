"""Lacks a function that the tests import."""
# outcome: runtime_error


def double(value):
    return value

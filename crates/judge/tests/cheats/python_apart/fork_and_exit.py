"""The parent ends with success; a child stays behind with the pipes."""
# outcome: any
# passes: test_contains test_true
import os


def double(value):
    if os.fork():
        os._exit(0)
    return value


def apply(function, value):
    return double(value)

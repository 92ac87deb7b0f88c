"""Answers wrongly and registers an exit with success for the end."""
# outcome: wrong_answer
import atexit
import os

atexit.register(os._exit, 0)


def double(value):
    return object()


def apply(function, value):
    return object()

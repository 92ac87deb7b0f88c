"""Crashes the interpreter."""
# outcome: runtime_error
import ctypes


def double(value):
    ctypes.string_at(0)


apply = double

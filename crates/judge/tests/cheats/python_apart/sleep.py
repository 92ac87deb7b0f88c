"""Answers never."""
# outcome: time_limit
import time


def double(value):
    time.sleep(3_600)


apply = double

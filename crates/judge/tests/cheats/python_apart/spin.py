"""Computes for ever."""
# outcome: time_limit


def double(value):
    while True:
        pass


apply = double

"""Prints without end."""
# outcome: output_limit


def double(value):
    while True:
        print("x" * 10_000)


apply = double

"""Answers with far more than anybody can take."""
# outcome: any


def double(value):
    return "x" * (200 << 20)


apply = double

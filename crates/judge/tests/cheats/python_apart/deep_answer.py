"""Answers with a value nested deeper than any stack."""
# outcome: any


def double(value):
    answer = []
    for _ in range(100_000):
        answer = [answer]
    return answer


def apply(function, value):
    return double(value)

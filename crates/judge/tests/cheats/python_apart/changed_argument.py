"""Changes what it is given, hoping that the expected value is the same object."""
# outcome: wrong_answer
# passes: test_contains


def double(value):
    if isinstance(value, list):
        value.append(value[0])
        value[:] = [7, 7, 7]
        return value
    return "wrong"


def apply(function, value):
    return "wrong"

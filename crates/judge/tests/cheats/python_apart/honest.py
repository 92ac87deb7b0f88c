"""Does what is asked: the suite can be passed."""
# outcome: accepted


def double(value):
    if value is None:
        raise TypeError("nothing to double")
    return value * 2


def apply(function, value):
    result = function(value)
    return None if result is None else double(result)

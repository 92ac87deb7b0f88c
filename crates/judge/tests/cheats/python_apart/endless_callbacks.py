"""Calls back into the tests without end."""
# outcome: any


def double(value):
    return "wrong"


def apply(function, value):
    while True:
        function(value)

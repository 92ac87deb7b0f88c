"""A syntax error: told as such, with its line."""
# outcome: compile_error


def double(value)
    return value

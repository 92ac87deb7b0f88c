# tries: is no Python
# outcome: compile_error
def double(x:
    return 0

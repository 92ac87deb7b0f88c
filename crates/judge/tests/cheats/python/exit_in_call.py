# tries: ends the process from within a call
# outcome: runtime_error
import os


def double(x):
    os._exit(0)

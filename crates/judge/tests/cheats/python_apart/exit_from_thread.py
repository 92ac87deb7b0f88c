"""A thread ends the process with success while a call runs."""
# outcome: runtime_error
import os
import threading
import time


def double(value):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(5)


apply = double

# tries: ends the process while it is loaded
# outcome: runtime_error
import os

os._exit(0)

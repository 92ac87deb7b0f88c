"""Ends the process with success while it is loaded, past every handler."""
# outcome: runtime_error
import os

os._exit(0)

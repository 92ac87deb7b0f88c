"""Ends the program with success while it is loaded."""
# outcome: runtime_error
import sys

sys.exit(0)

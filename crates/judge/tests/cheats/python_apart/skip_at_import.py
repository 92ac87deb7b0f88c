"""Raises a skip while it is loaded."""
# outcome: runtime_error
import unittest

raise unittest.SkipTest("not today")

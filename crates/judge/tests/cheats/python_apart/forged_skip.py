"""An exception that claims to be the framework's skip, interruption or success."""
# outcome: error
import itertools


def forge(module, name, base=Exception):
    return type(name, (base,), {"__module__": module, "__qualname__": name})


FORGED = itertools.cycle([
    forge("unittest.case", "SkipTest"), forge("unittest.case", "_ShouldStop"), forge("unittest.case", "_UnexpectedSuccess"),
    forge("_pytest.outcomes", "Skipped", BaseException), forge("builtins", "KeyboardInterrupt", BaseException),
    forge("carrel_link", "LinkBroken", BaseException), forge("unittest", "SkipTest", KeyboardInterrupt),
])


def double(value):
    raise next(FORGED)("x")


def apply(function, value):
    raise next(FORGED)("x")

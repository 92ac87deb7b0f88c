"""unittest: loads the tests from memory, lists them, adds our two cases, runs and reports each."""
import importlib.abc
import importlib.util
import io
import os
import random
import sys
import traceback
import unittest

PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, bool, type(None))


class MemoryFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Test modules come from memory and are never on disk."""

    def __init__(self, files, include_skipped):
        self.files = {name[:-3].replace("/", "."): (name, content) for name, content in files.items() if name.endswith(".py")}

    def find_spec(self, name, path=None, target=None):
        if name not in self.files:
            return None
        return importlib.util.spec_from_loader(name, self, origin="/work/" + self.files[name][0])

    def exec_module(self, module):
        name, content = self.files[module.__name__]
        module.__file__ = "/work/" + name
        exec(compile(content, "/work/" + name, "exec"), module.__dict__)

    def get_source(self, name):
        return self.files[name][1].decode("utf-8", "replace")


def is_learners(filename, files):
    return filename.startswith("/work/") and filename[len("/work/"):] not in files


def describe_load_failure(error, files):
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    syntax = isinstance(error, SyntaxError)
    if syntax and error.filename:
        frames.append((error.filename, error.lineno))
    places = [place for place in frames if is_learners(place[0], files)]
    if not places and (syntax or not isinstance(error, (ImportError, AttributeError, NameError))):
        return None
    fields = [("kind", "syntax" if syntax and places else "runtime")]
    where = ""
    if places:
        path, line = places[-1]
        path = path[len("/work/"):]
        fields += [("file", path), ("line", line or "")]
        where = f"{path}:{line}: "
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    return fields + [("message", f"your code could not be loaded: {where}{text}")]


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def make_canaries():
    number = random.SystemRandom().randrange(1, 1 << 40)

    class Canary(unittest.TestCase):
        def passing(self):
            self.assertEqual([number, "x"], [number, "x"])
            self.assertTrue(number > 0)

        def failing(self):
            self.assertEqual([number, "x"], [number + 1, "x"])

    return {"pass": Canary("passing"), "fail": Canary("failing")}


def make_fair():
    """An object of the learner's own class is not equal to a plain value, whatever its `__eq__` says."""
    real, kind_of, plain = unittest.TestCase.assertEqual, type, PLAIN

    def same_shape(one, two, depth=0):
        for expected, actual in ((one, two), (two, one)):
            if kind_of(expected) in plain and kind_of(actual) not in plain and not issubclass(kind_of(actual), kind_of(expected)):
                if kind_of(actual).__eq__ is not object.__eq__ and kind_of(actual).__module__ in sys.modules and getattr(sys.modules[kind_of(actual).__module__], "__file__", "").startswith("/work/"):
                    return False
        return True

    def assertEqual(self, first, second, msg=None):
        if not same_shape(first, second):
            self.fail(self._formatMessage(msg, f"{first!r} != {second!r}"))
        return real(self, first, second, msg)

    unittest.TestCase.assertEqual = assertEqual


def run(given, emit, leave):
    files = given["files"]
    include_skipped = given["options"].get("include_skipped") == "1"
    only = given["options"].get("only")
    make_fair()
    known = {name: value for name, value in unittest.TestCase.__dict__.items() if callable(value)}
    canaries = make_canaries()
    case_run, result_class, skip_exception = unittest.TestCase.run, unittest.TestResult, unittest.SkipTest
    if include_skipped:
        identity = lambda *_: (lambda item: item)  # noqa: E731
        unittest.skip = unittest.skipIf = unittest.skipUnless = identity
    sys.meta_path.insert(0, MemoryFinder(files, include_skipped))
    loader = unittest.TestLoader()
    cases = []
    for name in given["mains"]:
        try:
            __import__(name[:-3].replace("/", "."))
        except (SystemExit, KeyboardInterrupt):
            leave(1)
        except BaseException as error:  # whatever the learner's code raises
            fields = describe_load_failure(error, files)
            if fields is None:
                emit("author", ("message", "".join(traceback.format_exception_only(type(error), error))))
            else:
                emit("load", *fields)
            leave(0)
        cases += flatten(loader.loadTestsFromModule(sys.modules[name[:-3].replace("/", ".")]))
    plan = [(case.id().split(".", 1)[-1], case) for case in cases]
    plan = [item for item in plan if only is None or item[0] == only]
    for kind, case in canaries.items():
        canary = given["canaries"][kind]
        plan.insert(canary["place"] * len(plan) // 1000, (canary["name"], case))
    emit("plan", *[("name", name) for name, _ in plan])
    for at, (name, case) in enumerate(plan):
        emit("start", ("i", at))
        result, output = result_class(), io.StringIO()
        real = sys.stdout
        sys.stdout = output
        own = {name for name in unittest.TestCase.__dict__ if unittest.TestCase.__dict__[name] is not known.get(name) and name in known}
        if own:
            emit("forged", ("message", f"the program changed unittest.TestCase.{sorted(own)[0]}"))
            leave(0)
        case_run(case, result)
        sys.stdout = real
        status, message = judge(result, files, skip_exception)
        emit("case", ("i", at), ("status", status), ("message", message), ("output", output.getvalue()))


def judge(result, files, _skip):
    if result.failures:
        return "failed", last_line(result.failures[0][1], files)
    if result.errors:
        return "errored", last_line(result.errors[0][1], files)
    if result.unexpectedSuccesses:
        return "failed", "an unexpected success"
    if result.skipped:
        return "skipped", ""
    if result.testsRun != 1:
        return "errored", "the test did not run"
    return "passed", ""


def last_line(text, files):
    """The message of a traceback without the frames of the tests and of unittest."""
    lines = text.rstrip("\n").split("\n")
    starts = [at for at, line in enumerate(lines) if line and not line.startswith((" ", "Traceback"))]
    at = next((at for at in starts if ":" in lines[at] or lines[at].isidentifier()), starts[0] if starts else 0)
    kept = [line for line in lines[:at] if line.startswith('  File "/work/') and line.split('"')[1][len("/work/"):] not in files]
    return "\n".join(lines[at:] + kept[-1:]).replace("AssertionError: ", "", 1).replace("/work/", "")

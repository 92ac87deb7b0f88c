"""Runs unittest cases and reports each."""

import sys
import types
import unittest

import carrel_runner as runner
from carrel_host import forward_patches


class Loader(unittest.TestLoader):
    """Cases in the order of their definition, as pytest has them; unittest itself sorts by name."""

    def getTestCaseNames(self, case):
        order = {}
        for ancestor in reversed(case.__mro__):
            for name in vars(ancestor):
                order.setdefault(name, len(order))
        return sorted(super().getTestCaseNames(case), key=lambda name: order.get(name, 0))


class Result(unittest.TestResult):
    """Decides on every case here, after asking whether the learner's process is still sound."""

    def __init__(self, host, names, capture):
        super().__init__()
        self.host = host
        self.names = names
        self.capture = capture
        self.told = set()
        self.fixtures = []
        self.clear()

    def clear(self):
        self.status = "passed"
        self.messages = []
        self.learners = False

    def startTest(self, test):
        super().startTest(test)
        self.clear()
        self.capture.take()
        runner.report(start=self.names[id(test)])

    def note(self, status, message, test, error=None):
        if id(test) not in self.names and type(test).__name__ == "_ErrorHolder":
            self.fixtures.append((str(test), message))
            return
        if self.status != "errored":
            self.status = status
        self.learners = self.learners or error is not None and runner.is_learners(error)
        self.messages.append(message)

    def addError(self, test, details):
        self.note("errored", runner.explain(details[1]), test, details[1])

    def addFailure(self, test, details):
        error = details[1]
        self.note("errored" if runner.is_learners(error) else "failed", runner.explain(error), test, error)

    def addSubTest(self, test, subtest, details):
        if details is None:
            return
        error = details[1]
        failed = issubclass(details[0], test.failureException) and not runner.is_learners(error)
        label = subtest._subDescription()
        self.note("failed" if failed else "errored", f"{label} {runner.explain(error)}", test, error)

    def addSkip(self, test, reason):
        if id(test) in self.names:
            self.status = "skipped" if self.status == "passed" else self.status
            self.messages.append(reason)
        else:
            self.note("skipped", reason, test)

    def addExpectedFailure(self, test, details):
        pass

    def addUnexpectedSuccess(self, test):
        self.note("failed", "The test passed although it is marked as one that must fail.", test)

    def stopTest(self, test):
        super().stopTest(test)
        gone = self.host.broken
        if gone is not None:
            self.status = "errored"
            self.stop()
        self.tell(test, gone)

    def tell(self, test, gone=None):
        name = self.names[id(test)]
        self.told.add(name)
        runner.report(
            case=name, status=self.status, message="\n".join(self.messages) or None, output=self.capture.take() or None,
            code=runner.source_of(getattr(test, test._testMethodName, None)), gone=gone, learners=self.learners,
        )


def drop_skips(suite):
    """Skip marks of the author are taken off: the learner is to solve those too."""
    for test in runner.unittest_cases(suite):
        runner.drop_skip(type(test), getattr(test, "_testMethodName", ""))


def name_cases(cases):
    names = {}
    modules = {type(test).__module__ for test in cases}
    for test in cases:
        name = f"{type(test).__qualname__}.{getattr(test, '_testMethodName', 'test')}"
        names[id(test)] = name if len(modules) < 2 else f"{type(test).__module__}.{name}"
    return names


def choose(cases, names, wanted):
    if not wanted:
        return cases
    return [test for test in cases if wanted in (names[id(test)], names[id(test)].rpartition(".")[2])]


def load(host, config):
    """The suite of all test files, or None when one could not be loaded (and that was told)."""
    loader = Loader() if config["framework"] == "pytest" else unittest.TestLoader()
    suite = unittest.TestSuite()
    if config["framework"] == "pytest":
        shim = types.ModuleType("pytest")
        shim.mark = runner.Mark()
        sys.modules["pytest"] = shim
    for path in config["files"]:
        try:
            module = runner.load_module(path, config["work"])
            tests = loader.loadTestsFromModule(module)
        except BaseException as error:
            runner.tell_load_failure(host, error)
            return None
        place = {value: number for number, value in enumerate(vars(module).values()) if isinstance(value, type)}
        if config["framework"] == "pytest" and not hasattr(module, "load_tests"):
            groups = [group for group in tests if group.countTestCases()]
            groups.sort(key=lambda group: place.get(type(next(runner.unittest_cases(group))), 0))
            tests = unittest.TestSuite(groups)
        suite.addTest(tests)
    return suite


def run(host, config, capture):
    sys.stdout = capture
    suite = load(host, config)
    if suite is None:
        return
    if host.broken is not None:
        runner.report(gone=host.broken)
        return
    cases = list(runner.unittest_cases(suite))
    names = name_cases(cases)
    chosen = choose(cases, names, config["test"])
    if config["include_skipped"]:
        drop_skips(chosen)
    if len(chosen) != len(cases):
        suite = unittest.TestSuite(chosen)
    forward_patches(host)
    runner.report(plan=[names[id(test)] for test in chosen])
    result = Result(host, names, capture)
    # Suites drop their cases after running them; `cases` keeps them, and with them their ids.
    try:
        suite.run(result)
    except BaseException as error:
        result.fixtures.append(("", runner.explain(error)))
    for test in chosen:
        if names[id(test)] not in result.told and host.broken is None:
            tell_unrun(result, test)


def tell_unrun(result, test):
    """A case that a failed class or module fixture kept from running."""
    owner = type(test).__qualname__
    said = [text for label, text in result.fixtures if owner in label or not owner] or [text for _, text in result.fixtures]
    result.clear()
    result.status = "errored"
    skipped = getattr(type(test), "__unittest_skip__", False)
    if not said and skipped:
        result.status = "skipped"
    result.messages = said or ["The test did not run."]
    result.tell(test)

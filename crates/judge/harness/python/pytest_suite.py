"""pytest: the real one, with a plugin that reports with the key. Test files are written to a place of their own."""
import os
import random
import sys
import tempfile

try:
    import pytest
except ImportError:
    pytest = None

from unittest_suite import describe_load_failure


def run(given, emit, leave):
    if pytest is None:
        emit("author", ("message", "pytest is not installed in this environment"))
        leave(0)
    files = given["files"]
    place = tempfile.mkdtemp(prefix="tests")
    for name, content in files.items():
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    number = random.SystemRandom().randrange(1, 1 << 40)
    canary_path = os.path.join(place, "test_zzz_ours.py")
    with open(canary_path, "w") as file:
        file.write(f"def test_pass():\n    assert [{number}] == [{number}]\ndef test_fail():\n    assert [{number}] == [{number + 1}]\n")
    plugin = Plugin(given, emit, leave, place)
    sys.path.insert(0, place)
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", place, "-o", "python_files=*.py", "-o", "addopts=",
                        "--tb=short", *[os.path.join(place, name) for name in given["mains"]], canary_path], plugins=[plugin])
    if not plugin.planned and not plugin.told:
        emit("author", ("message", f"pytest collected nothing (exit code {int(code)})"))
        leave(0)


class Plugin:
    def __init__(self, given, emit, leave, place):
        self.given, self.emit, self.leave, self.place = given, emit, leave, place
        self.planned, self.told, self.index, self.skips = [], False, {}, given["options"].get("include_skipped") == "1"

    def pytest_collectreport(self, report):
        if not report.failed or self.told:
            return
        self.told = True
        error = getattr(self, "error", None)
        fields = describe_load_failure(error, self.given["files"]) if error is not None else None
        if fields is None:
            self.emit("author", ("message", str(report.longrepr)[-3000:]))
        else:
            self.emit("load", *fields)
        self.leave(0)

    @pytest.hookimpl(hookwrapper=True) if pytest else (lambda method: method)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        call = getattr(outcome.get_result(), "call", None)
        if call is not None and call.excinfo is not None:
            error = call.excinfo.value
            self.error = error.__cause__ or error

    def name_of(self, item):
        name = item.nodeid.split("::", 1)[-1].replace("::", ".")
        if item.nodeid.split("::")[0].endswith("test_zzz_ours.py"):
            return self.given["canaries"][name.replace("test_", "")]["name"]
        return name

    def pytest_collection_modifyitems(self, items):
        only = self.given["options"].get("only")
        ours = [item for item in items if "test_zzz_ours" in item.nodeid]
        kept = [item for item in items if item not in ours and (only is None or self.name_of(item) == only)]
        for kind, item in zip(("pass", "fail"), sorted(ours, key=lambda item: "fail" in item.nodeid)):
            kept.insert(self.given["canaries"][kind]["place"] * len(kept) // 1000, item)
        items[:] = kept
        if self.skips:
            for item in items:
                item.own_markers[:] = [mark for mark in item.own_markers if mark.name not in ("skip", "skipif")]
        self.planned = [item.nodeid for item in items]
        self.index = {nodeid: at for at, nodeid in enumerate(self.planned)}
        self.emit("plan", *[("name", self.name_of(item)) for item in items])
        self.parts = {}

    def pytest_runtest_logstart(self, nodeid):
        self.emit("start", ("i", self.index[nodeid]))

    def pytest_runtest_logreport(self, report):
        self.parts.setdefault(report.nodeid, []).append(report)

    def pytest_runtest_logfinish(self, nodeid):
        status, message, output = "passed", "", ""
        for report in self.parts.pop(nodeid, []):
            output = report.capstdout or output
            if report.failed and status in ("passed", "skipped"):
                crash = getattr(report.longrepr, "reprcrash", None)
                message = crash.message if crash is not None else str(report.longrepr)
                status = "failed" if report.when == "call" and message.startswith(("AssertionError", "assert", "Failed")) else "errored"
                message = message.removeprefix("AssertionError: ")
            elif report.skipped and status == "passed":
                inside = isinstance(report.longrepr, tuple) and str(report.longrepr[0]).startswith("/work/")
                status, message = ("errored", "the program tried to skip the test") if inside else ("skipped", "")
        self.emit("case", ("i", self.index[nodeid]), ("status", status), ("message", message), ("output", output))

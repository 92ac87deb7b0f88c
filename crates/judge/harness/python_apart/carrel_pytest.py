"""Runs pytest itself, with a plugin that reports each case."""

import sys
import types

import pytest

import carrel_runner as runner
from carrel_host import forward_patches, may_be_patched


class Plugin:
    """Collects the reports of the phases of each item and tells the outcome when the item is done."""

    def __init__(self, host, config, capture):
        self.host = host
        self.config = config
        self.capture = capture
        self.failed_loads = 0
        self.names = {}
        self.clear()

    def clear(self):
        self.status = "passed"
        self.messages = []
        self.learners = False
        self.finished = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config):
        config.addinivalue_line("markers", "task(taskno): number of the task in the exercise")

    def pytest_sessionstart(self, session):
        # Only now: the terminal reporter writes to what standard output was when it was made.
        sys.stdout = self.capture

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        report = outcome.get_result()
        call = getattr(report, "call", None)
        if report.failed and call is not None and not self.failed_loads:
            self.failed_loads += 1
            error = call.excinfo.value
            runner.tell_load_failure(self.host, error.__cause__ if error.__cause__ is not None else error)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        files = {item.nodeid.partition("::")[0] for item in items}
        for item in items:
            file, _, rest = item.nodeid.partition("::")
            name = rest.replace("::", ".")
            self.names[item.nodeid] = name if len(files) < 2 else f"{file[:-3].replace('/', '.')}.{name}"
        wanted = self.config["test"]
        if wanted:
            items[:] = [item for item in items if wanted in (self.names[item.nodeid], item.name)]
        if self.config["include_skipped"]:
            for item in items:
                for node in item.listchain():
                    node.own_markers[:] = [mark for mark in node.own_markers if mark.name not in ("skip", "skipif")]
                if getattr(item, "cls", None) is not None:
                    runner.drop_skip(item.cls, item.originalname)
        if not self.failed_loads:
            forward_patches(self.host)
            forward_monkeypatch(self.host)
            runner.report(plan=[self.names[item.nodeid] for item in items])

    def pytest_runtest_logstart(self, nodeid, location):
        self.clear()
        self.capture.take()
        runner.report(start=self.names.get(nodeid, nodeid))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        self.note(report, call.excinfo)

    def note(self, report, excinfo):
        error = excinfo.value if excinfo is not None else None
        learners = error is not None and runner.is_learners(error)
        self.learners = self.learners or learners
        if report.failed:
            if report.when == "call" and isinstance(error, AssertionError) and not learners:
                self.status = "failed" if self.status != "errored" else self.status
            elif report.when == "call" and type(error).__module__ == "_pytest.outcomes":
                self.status = "failed" if self.status != "errored" else self.status
            else:
                self.status = "errored"
            self.messages.append(runner.explain(error) if error is not None else str(report.longrepr))
        elif report.skipped and not hasattr(report, "wasxfail") and self.status == "passed":
            self.status = "skipped"
            if isinstance(report.longrepr, tuple):
                self.messages.append(str(report.longrepr[2]))

    def pytest_runtest_logreport(self, report):
        # Sub-tests (built in from pytest 9 on, pytest-subtests before) come only this way.
        if type(report).__name__ == "SubtestReport" or type(report).__name__ == "SubTestReport":
            if report.failed:
                self.status = "failed" if self.status != "errored" else self.status
                self.messages.append(str(report.longreprtext).strip().rpartition("\n")[2])

    def pytest_runtest_logfinish(self, nodeid, location):
        gone = self.host.broken
        runner.report(
            case=self.names.get(nodeid, nodeid), status="errored" if gone else self.status,
            message="\n".join(self.messages) or None, output=self.capture.take() or None,
            code=self.code.pop(nodeid, None), gone=gone, learners=self.learners,
        )

    code = {}

    def pytest_runtest_setup(self, item):
        path = str(item.path) if hasattr(item, "path") else str(item.fspath)
        if path not in runner.SOURCES:
            with open(path, encoding="utf-8", errors="replace") as file:
                runner.SOURCES[path] = file.read().split("\n")
        self.code[item.nodeid] = runner.source_of(getattr(item, "function", None) or getattr(item, "obj", None))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        if self.host.broken is not None:
            item.session.shouldstop = "the learner's process is gone"
            return True
        return None


def forward_monkeypatch(host):
    """monkeypatch.setattr of a standard module is carried over to the learner's process, and undone with it."""
    patch = pytest.MonkeyPatch.setattr

    def patch_both(self, target, name, *value, **keywords):
        patch(self, target, name, *value, **keywords)
        if isinstance(target, str) and not value:
            (module, _, attribute), new = target.rpartition("."), name
        elif type(target) is types.ModuleType and value:
            module, attribute, new = target.__name__, name, value[0]
        else:
            return
        if may_be_patched(module, attribute):
            patch(self, host.request("import", module), attribute, new, raising=False)

    pytest.MonkeyPatch.setattr = patch_both


def run(host, config, capture):
    """Runs the test files of the configuration."""
    plugin = Plugin(host, config, capture)
    arguments = [
        "-s", "--rootdir", config["work"], "-c", "/dev/null", "-p", "no:cacheprovider", "-p", "no:junitxml",
        "--import-mode=prepend", "-o", "python_files=*.py", "-p", "no:faulthandler",
    ]
    arguments += [f"{config['work']}/{path}" for path in config["files"]]
    sys.stdout = open("/dev/null", "w", encoding="utf-8")
    runner.OUR_PLACES += tuple(sys.modules[name].__file__.rpartition("/")[0] + "/" for name in ("_pytest", "pluggy"))
    try:
        pytest.main(arguments, plugins=[plugin])
    except BaseException as error:
        if host.broken is None:
            runner.report(author=runner.explain(error))
    if host.broken is not None and not plugin.names:
        runner.report(gone=host.broken)
    sys.stdout = sys.__stdout__

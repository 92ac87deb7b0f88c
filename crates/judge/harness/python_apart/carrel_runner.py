"""The tests' process: runs the author's tests unchanged and reports every case on descriptor 3, one JSON line each."""

import io
import json
import os
import sys
import types

from carrel_host import RESERVED, Host, LearnerModules
from carrel_link import SitePackages

HERE = __file__.rpartition("/")[0]
MESSAGE_MAX = 16 << 10
OUTPUT_MAX = 16 << 10
REPORT = 3
ONLY_AST = 0x400  # PyCF_ONLY_AST, without importing ast
SPECIAL_MARKS = frozenset(["parametrize", "usefixtures", "skip", "skipif", "xfail", "filterwarnings"])
OUR_PLACES = (HERE + "/", "<frozen", os.__file__.rpartition("/")[0] + "/unittest/")


def report(**record):
    data = (json.dumps(record) + "\n").encode()
    while data:
        data = data[os.write(REPORT, data):]


def clip(text, most):
    return text if len(text) <= most else text[:most] + "\n[cut here: too long]"


class Capture(io.StringIO):
    """What tests and program print during one case."""

    def write(self, text):
        room = OUTPUT_MAX - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)

    def take(self):
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def chain(error):
    """The error and those that led to it."""
    seen = []
    while error is not None and all(error is not other for other in seen):
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen


def is_learners(error):
    return getattr(error, "_carrel_remote", None) is not None or type(error).__name__ == "LearnerError"


def relative(path):
    root = sys.path[0] + "/"
    return path[len(root):] if path.startswith(root) else path


def explain(error):
    """What plain unittest would show, without the frames of framework and harness."""
    import traceback

    last = "".join(traceback.format_exception_only(type(error), error)).rstrip()
    learners = is_learners(error)
    if isinstance(error, AssertionError) and not learners:
        return clip(last, MESSAGE_MAX)
    frames = []
    if not learners:
        for frame in traceback.extract_tb(error.__traceback__):
            if not frame.filename.startswith(OUR_PLACES):
                frames.append((frame.filename, frame.lineno, frame.name, frame.line))
    frames += getattr(error, "_carrel_frames", [])
    lines = []
    for path, line, name, source in frames:
        lines.append(f'  File "{relative(path)}", line {line}, in {name}')
        if source:
            lines.append(f"    {source}")
    head = ["Traceback (most recent call last):"] if lines else []
    return clip("\n".join(head + lines + [last]), MESSAGE_MAX)


def source_of(function):
    """Source of a test function, decorators included, without its indentation."""
    function = getattr(function, "__func__", function)
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    lines = SOURCES.get(code.co_filename, [])[code.co_firstlineno - 1:]
    if not lines:
        return None
    indent = len(lines[0]) - len(lines[0].lstrip())
    taken, in_body = [], False
    for line in lines:
        blank = not line.strip()
        if in_body and not blank and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith(")"):
            break
        in_body = in_body or line.lstrip().startswith(("def ", "async def "))
        taken.append(line[indent:] if not blank else "")
    return clip("\n".join(taken).rstrip(), MESSAGE_MAX)


def drop_skip(case, method):
    """Takes unittest's skip marks off a class and one of its methods."""
    for holder in case.__mro__:
        if holder.__dict__.get("__unittest_skip__"):
            holder.__unittest_skip__ = False
        function = holder.__dict__.get(method)
        if getattr(function, "__unittest_skip__", False):
            function.__unittest_skip__ = False
            if hasattr(function, "__wrapped__"):
                setattr(holder, method, function.__wrapped__)


SOURCES = {}  # path -> lines, of the test files


def load_module(path, work):
    """Runs one test file as the module that its path names."""
    full = f"{work}/{path}"
    with open(full, "rb") as file:
        source = file.read()
    name = path[:-3].replace("/", ".").replace("-", "_")
    module = types.ModuleType(name)
    module.__file__ = full
    sys.modules[name] = module
    directory = full.rpartition("/")[0]
    if directory not in sys.path:
        sys.path.insert(1, directory)
    SOURCES[full] = source.decode("utf-8", "replace").split("\n")
    exec(compile(source, full, "exec"), module.__dict__)
    return module


def needs_pytest(source):
    """Whether a test file uses pytest for more than marks that only label."""
    tree = compile(source, "tests", "exec", ONLY_AST)
    for node in tree.body:
        kind = type(node).__name__
        if kind in ("FunctionDef", "AsyncFunctionDef") and node.name.startswith("test"):
            return True
        if kind == "ClassDef" and node.name.startswith("Test") and not node.bases:
            return True
    allowed, uses = 0, 0
    pending = [tree]
    while pending:
        node = pending.pop()
        kind = type(node).__name__
        if kind == "ImportFrom" and (node.module or "").partition(".")[0] == "pytest":
            return True
        if kind == "Name" and node.id == "pytest":
            uses += 1
        if kind == "Attribute" and type(node.value).__name__ == "Attribute" and node.value.attr == "mark":
            if type(node.value.value).__name__ == "Name" and node.value.value.id == "pytest":
                allowed += node.attr not in SPECIAL_MARKS
        for field in node._fields:
            value = getattr(node, field, None)
            for child in value if type(value) is list else [value]:
                if hasattr(child, "_fields"):
                    pending.append(child)
    return uses != allowed


class Mark:
    """pytest.mark.<label> without pytest: labels change nothing."""

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **keywords):
        return arguments[0] if len(arguments) == 1 and callable(arguments[0]) and not keywords else self


def tell_load_failure(host, error):
    """Why the test file could not be loaded: the learner's doing, or the author's."""
    errors = chain(error)
    if host.broken is not None:
        report(gone=host.broken)
    elif host.import_failure is not None:
        name, cause = host.import_failure
        if isinstance(cause, SyntaxError) and cause.filename:
            where = relative(str(cause.filename))
            line = cause.lineno if type(cause.lineno) is int else None
            text = f"\n    {str(cause.text).strip()}" if cause.text else ""
            report(failure="syntax", file=where, line=line,
                   message=clip(f'{type(cause).__name__}: {cause.msg} ({where}, line {line}){text}', MESSAGE_MAX))
        else:
            report(failure="import", message=f"{name.replace('.', '/')}.py cannot be imported:\n{explain(cause)}")
    else:
        for one in errors:
            if type(one) is ModuleNotFoundError and one.name and one.name.partition(".")[0] not in RESERVED:
                report(failure="import", message=f"The tests need the module `{one.name}`, which was not found.")
                return
            if isinstance(one, ImportError) and one.name in host.modules.names and not is_learners(one):
                missing = one.msg.partition("cannot import name ")[2].partition(" from")[0].strip("'")
                file = one.name.replace(".", "/") + ".py"
                report(failure="import", message=f"{file} does not define `{missing}`, which the tests use.")
                return
        learners = next((one for one in errors if is_learners(one)), None)
        if learners is not None:
            report(failure="import", message=explain(learners))
        else:
            report(author=explain(error))


def unittest_cases(suite):
    for item in suite:
        if hasattr(item, "__iter__"):
            yield from unittest_cases(item)
        else:
            yield item


def main():
    config = json.loads(sys.argv[1])
    answers, requests = os.dup(0), os.dup(1)
    empty = os.open("/dev/null", os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    work = config["work"]
    sys.argv = ["unittest"]
    sys.dont_write_bytecode = True
    host = Host(answers, requests)
    host.modules = LearnerModules(host, config["modules"])
    capture = Capture()
    sources = [open(f"{work}/{path}", "rb").read() for path in config["files"]]
    whole = config["framework"] == "pytest" and any(needs_pytest(source) for source in sources)
    if whole:
        import site

        site.main()
        import carrel_pytest as framework
    else:
        import carrel_unittest as framework

        sys.meta_path.append(SitePackages())
    sys.path.remove(HERE)
    sys.path.insert(0, work)
    sys.meta_path.insert(0, host.modules)
    framework.run(host, config, capture)
    report(done=True)
    os._exit(0)

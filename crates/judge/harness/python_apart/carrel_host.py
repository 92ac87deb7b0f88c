"""The tests' end of the conversation. What the learner's process may do here is decided in this file.

It may call, and read public attributes of, the objects that the tests passed
to it, and use their operators. It never reaches a module, a frame, a class's
innards, a test case or a mock's records, and what it raises is an error of
the learner's code: never a skip, an interruption or a failed assertion.
"""

import builtins
import sys
import types

import carrel_proxy as proxy
from carrel_link import PRINTED_MAX, Link
from carrel_objects import FUNCTION_TYPES
from carrel_wire import ProtocolError, changed

SHARED_KEPT = 128
SHARED_KEPT_ITEMS = 2_000
FUNCTION_ATTRIBUTES = ("__name__", "__qualname__", "__doc__", "__module__")
MOCK_RECORDS = ("assert", "call", "mock_", "method_calls", "return_value", "side_effect", "reset_", "configure_", "attach_")
TEST_MODULES = frozenset(["unittest", "_pytest", "pytest", "pluggy", "doctest", "carrel_runner", "carrel_pytest", "carrel_link",
                          "carrel_host", "carrel_objects", "carrel_proxy", "carrel_wire", "carrel_unittest"])
# Never the learner's, whatever the names of the files that were sent.
RESERVED = frozenset(sys.stdlib_module_names) | {
    "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "py", "attr", "attrs",
    "tomli", "carrel_wire", "carrel_objects", "carrel_link", "carrel_proxy", "carrel_host", "carrel_runner",
    "carrel_unittest", "carrel_pytest",
}


class LearnerError(Exception):
    """What the learner's code raised, where the real thing would mean something to the test framework."""


def of_tests(cls):
    """Whether a class belongs to the framework or to this harness (mocks apart)."""
    for ancestor in cls.__mro__:
        if isinstance(ancestor, proxy.RemoteClass):
            continue
        module = str(ancestor.__dict__.get("__module__", ""))
        if module.partition(".")[0] in TEST_MODULES and not module.startswith("unittest.mock"):
            return True
    return False


class Host(Link):
    """The tests' end."""

    def __init__(self, read_from, write_to):
        super().__init__(read_from, write_to, 2)
        self.real_input = builtins.input
        self.real_stdin = sys.stdin
        self.import_failure = None

    # What the learner's process may ask for

    def guard(self, target, name=None, writing=False):
        number = self.export_numbers.get(id(target))
        kind = type(target)
        if number is None or issubclass(kind, (types.ModuleType, types.FrameType, types.CodeType)):
            raise AttributeError("this object of the tests is out of reach")
        if isinstance(target, type) and of_tests(target) or of_tests(kind) and kind not in FUNCTION_TYPES:
            raise AttributeError("an object of the test framework is out of reach")
        if name is None:
            return
        if not writing and (name in FUNCTION_ATTRIBUTES or name in proxy.FORWARDED):
            return
        if name.startswith("_") or kind in FUNCTION_TYPES:
            raise AttributeError(f"`{name}` of an object of the tests is out of reach")
        if writing and isinstance(target, type):
            raise AttributeError("a class of the tests cannot be changed")
        if hasattr(kind, "_mock_methods") or "unittest.mock" in {c.__module__ for c in kind.__mro__}:
            if name.startswith(MOCK_RECORDS):
                raise AttributeError("the records of a mock are out of reach")

    def serve_call(self, target, arguments, keywords):
        self.guard(target)
        return target(*arguments, **dict(keywords))

    def serve_get(self, target, name):
        self.guard(target, name)
        return getattr(target, name)

    def serve_set(self, target, name, value):
        self.guard(target, name, True)
        setattr(target, name, value)

    def serve_del(self, target, name):
        self.guard(target, name, True)
        delattr(target, name)

    def serve_dir(self, target):
        self.guard(target)
        return [name for name in dir(target) if not name.startswith("_")]

    def serve_method(self, target, name, arguments):
        self.guard(target)
        if name not in proxy.FORWARDED:
            raise AttributeError(f"`{name}` of an object of the tests is out of reach")
        return getattr(type(target), name)(target, *arguments)

    def serve_base(self, target):
        return None

    def serve_input(self, prompt):
        if builtins.input is not self.real_input:
            return builtins.input(prompt)
        return self.serve_stdin("readline", -1, prompt).rstrip("\n")

    def serve_stdin(self, name, size, prompt=None):
        if sys.stdin is not self.real_stdin and name in ("read", "readline"):
            text = getattr(sys.stdin, name)(size)
            if text or prompt is None:
                return text
        if prompt is not None:
            raise EOFError("EOF when reading a line")
        return ""

    def show_printed(self, printed):
        for entry in printed:
            number, text = entry
            if number not in (1, 2) or type(text) is not str:
                raise ProtocolError("malformed output")
            (sys.stdout if number == 1 else sys.stderr).write(text[:PRINTED_MAX])

    # What the learner's process may raise

    def permitted_error(self, cls):
        if issubclass(cls, (KeyboardInterrupt, GeneratorExit)) or of_tests(cls):
            return LearnerError
        return cls

    def decode_own(self, number):
        value = super().decode_own(number)
        if isinstance(value, BaseException) and self.permitted_error(type(value)) is LearnerError:
            return LearnerError(*value.args)
        return value

    def standard_error(self, description):
        """An exception class of the standard library that is loaded here already, for `except` and assertRaises."""
        module, name = description["module"], description["qualname"]
        if type(module) is not str or type(name) is not str or module.partition(".")[0] not in sys.stdlib_module_names:
            return None
        found = getattr(sys.modules.get(module), name, None)
        if isinstance(found, type) and issubclass(found, Exception) and not of_tests(found):
            return found
        return None

    # What goes out

    def encode_reference(self, value):
        if id(value) not in self.remote_numbers and (isinstance(value, type) or type(value) in FUNCTION_TYPES):
            found = standard_name(value)
            if found is not None:
                return ["G", *found]
        return super().encode_reference(value)

    def trim(self):
        """Containers that the tests do not hold any more are let go, and so are big and old ones."""
        spare = len(self.shared) - SHARED_KEPT
        gone = []
        for number, entry in self.shared.items():
            if changed(*entry):
                continue
            # Two references are not the tests': the entry of the table, and the argument here.
            if sys.getrefcount(entry[0]) <= 2 or len(entry[0]) > SHARED_KEPT_ITEMS or len(gone) < spare:
                gone.append(number)
        self.forget(gone)
        self.forgotten.extend(gone)

    def make_subclass(self, mcs, name, bases, namespace):
        """A class of the tests that extends a learner's class: made on both sides."""
        functions, values = {}, {}
        for key, value in namespace.items():
            if type(value) is types.FunctionType:
                functions[key] = value
            elif not key.startswith("__") and key != "__classcell__" and type(value) in self.encoders:
                values[key] = value
        theirs = [base for base in bases if self.is_remote(base)]
        made = self.request("subclass", name, theirs, functions, values)
        number = self.remote_numbers.pop(id(made))
        cls = type.__new__(mcs, name, bases, namespace)
        self.remote_numbers[id(cls)] = number
        self.remote_classes[number] = cls
        self.local_classes.add(cls)
        self.named_classes.add(cls)
        return cls


def standard_name(value):
    """(module, name) under which a function or class of the standard library is found, or None."""
    owner = getattr(value, "__objclass__", None)
    module = getattr(owner if owner is not None else value, "__module__", None)
    name = getattr(value, "__qualname__", None)
    if type(module) is not str or type(name) is not str or "<" in name:
        return None
    if module.partition(".")[0] not in sys.stdlib_module_names or module.partition(".")[0] in TEST_MODULES:
        return None
    if type(value) is types.MethodType or not isinstance(getattr(value, "__self__", None), (type(None), types.ModuleType)):
        return None
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is value else None


class LearnerModules:
    """Import hook: the learner's modules are loaded in the other process only."""

    def __init__(self, host, names):
        self.host = host
        self.names = {}
        for name in names:
            if name.partition(".")[0] in RESERVED:
                continue
            self.names[name] = True
            parent = name.rpartition(".")[0]
            while parent:
                self.names.setdefault(parent, True)
                parent = parent.rpartition(".")[0]

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        from importlib.machinery import ModuleSpec

        spec = ModuleSpec(name, self, origin="the learner's program")
        if any(other.startswith(name + ".") for other in self.names):
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec):
        try:
            return self.host.request("import", spec.name)
        except Exception as error:
            if self.host.import_failure is None:
                self.host.import_failure = (spec.name, error)
            raise
        except SystemExit as error:
            self.host.import_failure = (spec.name, error)
            raise ImportError(f"{spec.name} ended the program while it was imported", name=spec.name) from error

    def exec_module(self, module):
        """Nothing: it ran where it lives."""


def forward_patches(host):
    """mock.patch of a standard module is carried over to the learner's process, seeds of `random` too."""
    random = sys.modules.get("random")
    if random is not None:
        seed = random.seed

        def seed_both(*arguments, **keywords):
            seed(*arguments, **keywords)
            host.request("seed", list(arguments) + list(keywords.values()))

        random.seed = seed_both
    mock = sys.modules.get("unittest.mock")
    if mock is None:
        return
    patch = mock._patch
    enter, leave = patch.__enter__, patch.__exit__

    def enter_both(self):
        result = enter(self)
        target = self.target
        if type(target) is types.ModuleType and may_be_patched(target.__name__, self.attribute):
            try:
                self._carrel_original = host.request("peek", target.__name__, self.attribute)
            except (AttributeError, ImportError):
                return result  # the program has nothing of that name
            host.request("patch", target.__name__, self.attribute, getattr(target, self.attribute))
        return result

    def leave_both(self, *details):
        if hasattr(self, "_carrel_original"):
            original = self.__dict__.pop("_carrel_original")
            host.request("patch", self.target.__name__, self.attribute, original)
        return leave(self, *details)

    patch.__enter__, patch.__exit__ = enter_both, leave_both


def may_be_patched(module, name):
    if (module, name) in (("sys", "stdout"), ("sys", "stderr"), ("sys", "stdin"), ("builtins", "input")):
        return False
    return module in sys.stdlib_module_names

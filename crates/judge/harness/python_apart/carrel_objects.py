"""Objects that have no value on the wire: classes, instances, functions, modules, exceptions.

Each side numbers what it hands out and keeps it until the other side says
that its stand-in is gone.
"""

import _weakref
import types

import carrel_proxy as proxy
from carrel_wire import BUILTIN_NAMES, EXPORTS_MAX, ProtocolError, Values

FRAMES_MAX = 12
ERRORS_KEPT = 500
HARNESS = __file__.rpartition("/")[0]
FUNCTION_TYPES = frozenset([
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType,
    types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType,
])
ERROR_ATTRIBUTES = ("name", "path", "msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset")
PLAIN_BASES = {  # how to read the plain value of an instance of a subclass, by the base's own methods
    int: lambda v: int.__add__(v, 0),
    str: str.__str__,
    float: float.__float__,
    complex: lambda v: complex(v.real, v.imag),
    bytes: lambda v: bytes.__getitem__(v, slice(None)),
    tuple: lambda v: tuple.__getitem__(v, slice(None)),
    frozenset: lambda v: frozenset(frozenset.__iter__(v)),
    list: lambda v: list(list.__iter__(v)),
    dict: lambda v: {key: dict.__getitem__(v, key) for key in dict.__iter__(v)},
    set: lambda v: set(set.__iter__(v)),
    bytearray: lambda v: bytearray(bytearray.__getitem__(v, slice(None))),
}


class Objects(Values):
    """Values, and stand-ins for what has none."""

    def __init__(self, parity):
        super().__init__(parity)
        self.exports = {}  # number -> [object, times sent]
        self.export_numbers = {}  # id(object) -> number
        self.next_export = 1
        self.described = set()  # numbers of classes that the other side knows
        self.remotes = {}  # number there -> weak reference to the stand-in (or a function that returns it)
        self.receipts = {}  # number there -> times received
        self.remote_numbers = {}  # id(stand-in) -> number there
        self.remote_classes = {}  # number there -> stand-in class
        self.errors_kept = []  # the end of an exception cannot be watched, so the oldest are let go
        self.released = []
        self.decoders.update({
            "o": self.decode_own, "h": self.decode_instance, "C": self.decode_class, "F": self.decode_function,
            "M": self.decode_module, "x": self.decode_error, "J": self.decode_generator, "A": self.decode_coroutine,
            "G": self.decode_global,
        })

    # This side's objects, as the other side sees them

    def export(self, value):
        number = self.export_numbers.get(id(value))
        if number is None:
            if len(self.exports) >= EXPORTS_MAX:
                raise ProtocolError("too many objects in use by the other side")
            number = self.next_export
            self.next_export += 1
            self.exports[number] = [value, 0]
            self.export_numbers[id(value)] = number
        self.exports[number][1] += 1
        return number

    def release(self, number, count):
        entry = self.exports.get(number)
        if entry is None or number in self.described:
            return
        entry[1] -= count
        if entry[1] <= 0:
            del self.export_numbers[id(entry[0])]
            del self.exports[number]

    def encode_reference(self, value):
        number = self.remote_numbers.get(id(value))
        if number is not None:
            return ["o", number]
        kind = type(value)
        if isinstance(value, type):
            return self.encode_type(value)
        if issubclass(kind, BaseException):
            return self.encode_error(value)
        if kind in FUNCTION_TYPES:
            return self.encode_function(value)
        if issubclass(kind, types.ModuleType):
            return ["M", self.export(value), value.__name__]
        if kind is types.GeneratorType:
            return ["J", self.export(value)]
        if kind is types.CoroutineType:
            return ["A", self.export(value)]
        base = None
        for value_base in proxy.VALUE_BASES:
            if issubclass(kind, value_base):
                base = self.encode(PLAIN_BASES[value_base](value))
                break
        return ["h", self.export(value), self.encode_class(kind), base]

    def encode_type(self, cls):
        if cls in BUILTIN_NAMES:
            return ["b", BUILTIN_NAMES[cls]]
        number = self.remote_numbers.get(id(cls))
        if number is not None:
            return ["o", number]
        return self.encode_class(cls)

    def encode_class(self, cls):
        number = self.remote_numbers.get(id(cls))
        if number is not None:
            return ["o", number]
        number = self.export(cls)
        if number in self.described:
            return ["C", number]
        self.described.add(number)
        return ["C", number, self.describe(cls)]

    def describe(self, cls):
        ground = object
        for base in (BaseException, *proxy.VALUE_BASES):
            if issubclass(cls, base):
                ground = base
        common = {name: find_in_class(ground, name) for name in proxy.FORWARDED}
        found = {name: find_in_class(cls, name) for name in proxy.FORWARDED}
        dunders = [name for name, value in found.items() if value is not None and value is not common[name]]
        members = [
            name for name, value in vars(cls).items()
            if type(value) is types.FunctionType and (name == "__init__" or not name.startswith("__"))
        ]
        return {
            "name": str(cls.__name__), "qualname": str(cls.__qualname__), "module": str(cls.__module__),
            "doc": cls.__doc__ if type(cls.__doc__) is str else None, "dunders": dunders, "members": members,
            "hashable": cls.__hash__ is not None, "bases": [self.encode_type(base) for base in cls.__bases__],
        }

    def encode_function(self, value):
        kind = "function" if type(value) is types.FunctionType else "other"
        return ["F", self.export(value), kind]

    def encode_error(self, error, with_cause=True):
        if getattr(error, "_carrel_remote", None) is not None:
            return ["o", error._carrel_remote]
        attributes = {}
        for name in ERROR_ATTRIBUTES:
            if isinstance(error, (SyntaxError, ImportError)) and hasattr(error, name):
                attributes[name] = getattr(error, name)
        try:
            arguments = [self.encode(argument) for argument in tuple(error.args)]
        except (ProtocolError, TypeError, AttributeError):
            arguments = []
        cause = error.__cause__ if with_cause else None
        return [
            "x", self.export(error), self.encode_type(type(error)), arguments, self.encode(attributes),
            self.encode_error(cause, False) if cause is not None else None, frames_of(error),
        ]

    # The other side's objects, as this side sees them

    def is_remote(self, value):
        if id(value) in self.remote_numbers:
            return True
        return isinstance(value, BaseException) and getattr(value, "_carrel_remote", None) is not None

    def decode_own(self, number):
        return self.exports[number][0]

    def enroll(self, number, stand_in):
        """Keeps the stand-in findable while it lives, and tells the other side when it is gone."""
        self.remote_numbers[id(stand_in)] = number
        self.receipts[number] = 1
        identity = id(stand_in)

        def gone(reference):
            if self.remotes.get(number) is reference:
                del self.remotes[number]
                del self.remote_numbers[identity]
                self.released.append([number, self.receipts.pop(number)])

        try:
            self.remotes[number] = _weakref.ref(stand_in, gone)
        except TypeError:
            self.remotes[number] = lambda: stand_in
        return stand_in

    def known(self, number):
        if type(number) is not int:
            raise ProtocolError("an object without a number")
        reference = self.remotes.get(number)
        stand_in = reference() if reference is not None else None
        if stand_in is not None:
            self.receipts[number] += 1
        return stand_in

    def decode_instance(self, number, cls, base):
        cls = self.decode(cls)
        stand_in = self.known(number)
        if stand_in is not None:
            return stand_in
        if not isinstance(cls, proxy.RemoteClass):
            raise ProtocolError("an instance of no class")
        value_base = next((kind for kind in proxy.VALUE_BASES if issubclass(cls, kind)), None)
        if value_base is None:
            if issubclass(cls, BaseException):
                raise ProtocolError("an exception where another object belongs")
            return self.enroll(number, object.__new__(cls))
        value = self.decode(base)
        if type(value) is not value_base:
            raise ProtocolError("an instance without its plain value")
        return self.enroll(number, value_base.__new__(cls, value))

    def decode_class(self, number, description=None):
        cls = self.remote_classes.get(number)
        if cls is not None:
            return cls
        if type(number) is not int or type(description) is not dict:
            raise ProtocolError("a class without description")
        bases = [self.decode(base) for base in description["bases"]]
        cls = self.standard_error(description)
        if cls is None:
            for key in ("name", "qualname", "module"):
                if type(description[key]) is not str or "\0" in description[key]:
                    raise ProtocolError("a class without name")
            cls = proxy.make_class(description, None, bases)
            self.remote_numbers[id(cls)] = number
        self.remote_classes[number] = cls
        return cls

    def standard_error(self, description):
        return None

    def decode_function(self, number, kind):
        stand_in = self.known(number)
        if stand_in is None:
            stand_in = proxy.RemoteFunction()
            stand_in._carrel_kind = "function" if kind == "function" else "other"
            self.enroll(number, stand_in)
        return stand_in

    def decode_generator(self, number):
        return self.known(number) or self.enroll(number, proxy.RemoteGenerator())

    def decode_coroutine(self, number):
        return proxy.await_remote(self.known(number) or self.enroll(number, proxy.RemoteGenerator()))

    def decode_module(self, number, name):
        stand_in = self.known(number)
        return stand_in if stand_in is not None else self.enroll(number, proxy.RemoteModule(name))

    def decode_global(self, module, name):
        raise ProtocolError("a global by name")

    def decode_error(self, number, cls, arguments, attributes, cause, frames):
        cls = self.decode(cls)
        arguments = [self.decode(argument) for argument in arguments]
        attributes = self.decode(attributes)
        if not isinstance(cls, type) or not issubclass(cls, BaseException):
            raise ProtocolError("an exception of no class")
        error = self.make_error(cls, arguments)
        if cls in BUILTIN_NAMES:
            for name, value in attributes.items():
                if name in ERROR_ATTRIBUTES:
                    setattr(error, name, value)
        error.__cause__ = self.decode(cause)
        error._carrel_remote = number
        error._carrel_frames = [[str(part) for part in frame] for frame in frames]
        self.errors_kept.append(error)
        if len(self.errors_kept) > ERRORS_KEPT:
            oldest = self.errors_kept.pop(0)
            self.released.append([oldest._carrel_remote, 1])
            oldest._carrel_remote = None
        return error

    def make_error(self, cls, arguments):
        cls = self.permitted_error(cls)
        try:
            if cls in BUILTIN_NAMES:
                return cls(*arguments)
            error = cls.__new__(cls, *arguments)
        except Exception:
            error = cls.__new__(cls)
        error.args = tuple(arguments)
        return error

    def permitted_error(self, cls):
        return cls


def find_in_class(cls, name):
    """What the class or one of its bases defines, without asking any descriptor."""
    for ancestor in cls.__mro__:
        if name in ancestor.__dict__:
            return ancestor.__dict__[name]
    return None


def frames_of(error):
    """The frames of the program's own code: file, line, function, source line."""
    frames = []
    trace = error.__traceback__
    while trace is not None and len(frames) < 2_000:
        code = trace.tb_frame.f_code
        if code.co_filename.rpartition("/")[0] != HARNESS and not code.co_filename.startswith("<frozen"):
            frames.append([code.co_filename, trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    if len(frames) > FRAMES_MAX:
        frames = frames[: FRAMES_MAX // 2] + frames[-FRAMES_MAX // 2:]
    return [frame + [source_line(frame[0], frame[1])] for frame in frames]


def source_line(path, number):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for count, line in enumerate(file, 1):
                if count == number:
                    return line.strip()[:500]
    except (OSError, ValueError):
        pass
    return ""

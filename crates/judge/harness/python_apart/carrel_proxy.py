"""Stand-ins for objects that live in the other process.

Every class of the other side gets a class here, so that isinstance, except
clauses and operators work as they would on the real thing. A stand-in holds
no state: attributes, methods and operators ask the other side, with one
exception. Whether a stand-in equals a plain value is decided here, on plain
values, and an operator with a plain operand is passed on only for classes
that this side named itself: otherwise a learner's object could claim to be
equal to, near or among whatever it is compared with.
"""

import sys
import types

SIMPLE = """len iter next bool str repr int float complex index abs neg pos invert round trunc floor
ceil reversed length_hint bytes format enter exit call getitem setitem delitem fspath aiter anext
aenter aexit""".split()
OPERATORS = """add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or""".split()
BINARY = (
    OPERATORS + ["r" + name for name in OPERATORS] + ["i" + name for name in OPERATORS if name != "divmod"]
    + ["lt", "le", "gt", "ge", "contains"]
)
SIMPLE_NAMES = frozenset(f"__{name}__" for name in SIMPLE)
BINARY_NAMES = frozenset(f"__{name}__" for name in BINARY)
FORWARDED = SIMPLE_NAMES | BINARY_NAMES | {"__hash__", "__eq__", "__ne__"}
# Base types whose value a stand-in really has.
VALUE_BASES = (int, str, float, complex, bytes, tuple, frozenset)
MUTABLE_BASES = (list, dict, set, bytearray)
SHOWN = frozenset(["__repr__", "__str__", "__format__"])
LOCAL_NAMES = frozenset(
    ["__class__", "__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__dir__", "__init_subclass__"]
)
# Modules that compare what the tests got with what they expect.
COMPARING = frozenset(["unittest.case", "unittest.mock", "_pytest.python_api"])
link = None  # the Link of this process, set by it


class RemoteClass(type):
    """Class of all stand-in classes."""

    def __new__(mcs, name, bases, namespace, remote=None, **keywords):
        if remote is None:
            return link.make_subclass(mcs, name, bases, namespace)
        return type.__new__(mcs, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    def __call__(cls, *arguments, **keywords):
        return link.call(cls, arguments, keywords)

    def __getattr__(cls, name):
        if cls is RemoteRoot or cls is RemoteError:
            raise AttributeError(name)
        return link.get_named(cls, name)

    def __setattr__(cls, name, value):
        if name.startswith("__") and name != "__init__":
            type.__setattr__(cls, name, value)
            return
        member = cls.__dict__.get(name)
        if type(value) is Member:  # mock.patch puts back what it found
            value = value.original
        elif type(member) is Member and member.original is None:
            member.original = link.request("raw", cls, name)
        link.request("set", cls, name, value)

    def __delattr__(cls, name):
        link.request("del", cls, name)

    def __iter__(cls):
        return link.request("method", cls, "__iter__", [])

    def __len__(cls):
        return link.request("method", cls, "__len__", [])

    def __getitem__(cls, key):
        return link.request("item", cls, key)

    def __contains__(cls, item):
        return bool(link.request("method", cls, "__contains__", [item]))

    def __bool__(cls):
        return True

    def __repr__(cls):
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


def forward_attributes(self, name):
    cls = type(self)
    if name in LOCAL_NAMES:
        return object.__getattribute__(self, name)
    if issubclass(cls, VALUE_BASES) and not link.is_named(cls):
        for base in VALUE_BASES:
            if issubclass(cls, base) and hasattr(base, name):
                return object.__getattribute__(self, name)
    for ancestor in cls.__mro__ if cls in link.local_classes else ():
        if ancestor in link.local_classes and name in ancestor.__dict__:
            return object.__getattribute__(self, name)
    return link.request("get", self, name)


class RemoteRoot(metaclass=RemoteClass, remote=True):
    """Base of the stand-ins for ordinary objects."""

    __getattribute__ = forward_attributes

    def __setattr__(self, name, value):
        link.request("set", self, name, value)

    def __delattr__(self, name):
        link.request("del", self, name)

    def __dir__(self):
        return link.request("dir", self)

    def __copy__(self):
        return link.request("copy", self, False)

    def __deepcopy__(self, memo):
        return link.request("copy", self, True)

    def __reduce_ex__(self, version):
        raise TypeError("an object of the learner's program cannot be pickled")

    def __repr__(self):
        return link.request("method", self, "__repr__", [])

    def __str__(self):
        return link.request("method", self, "__str__", [])

    def __format__(self, how):
        return link.request("method", self, "__format__", [how])

    def __eq__(self, other):
        if self is other:
            return True
        if link.is_remote(other):
            answer = link.request("method", self, "__eq__", [other])
            return answer if answer is NotImplemented else bool(answer)
        return link.equal_base(self, other)

    def __ne__(self, other):
        answer = type(self).__eq__(self, other)
        return answer if answer is NotImplemented else not answer

    def __hash__(self):
        return link.request("method", self, "__hash__", [])


class RemoteError(metaclass=RemoteClass, remote=True):
    """Mixed into the stand-ins for classes of exceptions, whose instances are real exceptions here."""

    __slots__ = ()

    def __getattr__(self, name):
        if name.startswith("_carrel") or name.startswith("__"):
            raise AttributeError(name)
        return link.request("get", self, name)


def make_simple(name):
    def forward(self, *arguments):
        return link.request("method", self, name, list(arguments))

    forward.__name__ = name
    return forward


def make_call(self, *arguments, **keywords):
    return link.call(self, arguments, keywords)


def make_binary(name):
    def forward(self, other, *more):
        if not link.is_remote(other):
            if not link.is_named(type(self)):
                return NotImplemented if name != "__contains__" else refuse(self, name)
            asking = sys._getframe(1).f_globals.get("__name__")
            if asking in COMPARING and name != "__contains__":
                return NotImplemented
        return link.request("method", self, name, [other, *more])

    forward.__name__ = name
    return forward


def make_native(name, base, forwarder):
    """An operator that the base type has: the learner's own only where the tests named the class."""
    native = getattr(base, name)

    def choose(self, *arguments):
        asking = sys._getframe(1).f_globals.get("__name__")
        if not link.is_named(type(self)) or asking in COMPARING:
            return native(self, *arguments)
        return forwarder(self, *arguments)

    choose.__name__ = name
    return choose


def refuse(self, name):
    raise TypeError(f"an object of type {type(self).__name__} cannot be compared with a plain value")


def make_exit(self, kind, error, trace):
    return link.request("method", self, "__exit__", [kind, error, None])


SIMPLE_FORWARDERS = {name: make_simple(name) for name in SIMPLE_NAMES}
SIMPLE_FORWARDERS["__call__"] = make_call
SIMPLE_FORWARDERS["__exit__"] = make_exit
BINARY_FORWARDERS = {name: make_binary(name) for name in BINARY_NAMES}


class Member:
    """A function of the other side's class, reached through super()."""

    def __init__(self, owner, name):
        self.owner = owner
        self.name = name
        self.original = None

    def __get__(self, instance, owner=None):
        if instance is None:
            return link.request("get", owner or self.owner[0], self.name)
        return link.request("member", self.owner[0], instance, self.name)


def make_class(description, bases, resolved):
    """A stand-in class from the other side's description of it; `resolved` are its decoded bases."""
    name = description["name"]
    kept = []
    for base in resolved:
        usable = isinstance(base, RemoteClass) or base in VALUE_BASES
        if usable or (isinstance(base, type) and issubclass(base, BaseException)):
            kept.append(base)
    is_error = any(issubclass(base, BaseException) for base in kept)
    root = RemoteError if is_error else RemoteRoot
    if not any(issubclass(base, root) for base in kept):
        kept.insert(0, root)
    owner = []
    namespace = {"__module__": description["module"], "__qualname__": description["qualname"]}
    namespace["__doc__"] = description["doc"]
    value_base = next((base for base in VALUE_BASES for kept_base in kept if issubclass(kept_base, base)), None)
    for dunder in description["dunders"]:
        forwarder = SIMPLE_FORWARDERS.get(dunder) or BINARY_FORWARDERS.get(dunder)
        if forwarder is None:
            continue
        if value_base is not None and hasattr(value_base, dunder) and dunder not in SHOWN:
            forwarder = make_native(dunder, value_base, forwarder)
        namespace[dunder] = forwarder
    if value_base is not None:
        namespace["__eq__"] = value_base.__eq__
        namespace["__ne__"] = value_base.__ne__
        namespace["__hash__"] = value_base.__hash__
    if not description["hashable"] and not is_error and value_base is None:
        namespace["__hash__"] = None
    for member in description["members"]:
        if member == "__init__" or not member.startswith("__"):
            namespace.setdefault(member, Member(owner, member))
    try:
        cls = RemoteClass(name, tuple(kept), namespace, remote=True)
    except TypeError:
        cls = RemoteClass(name, (root,) if not is_error else (root, Exception), namespace, remote=True)
    owner.append(cls)
    return cls


class RemoteFunction:
    """A function, or anything like it, of the other side."""

    __slots__ = ("_carrel_kind", "__weakref__")

    def __call__(self, *arguments, **keywords):
        return link.call(self, arguments, keywords)

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name):
        return link.request("get", self, name)

    def __setattr__(self, name, value):
        if name == "_carrel_kind":
            object.__setattr__(self, name, value)
        else:
            link.request("set", self, name, value)

    def __delattr__(self, name):
        link.request("del", self, name)

    __class__ = property(lambda self: types.FunctionType if self._carrel_kind == "function" else RemoteFunction)
    __doc__ = property(lambda self: link.request("get", self, "__doc__"))
    __module__ = property(lambda self: link.request("get", self, "__module__"))

    def __repr__(self):
        return link.request("method", self, "__repr__", [])

    def __eq__(self, other):
        if self is other:
            return True
        return link.request("method", self, "__eq__", [other]) is True if link.is_remote(other) else NotImplemented

    def __hash__(self):
        return link.request("method", self, "__hash__", [])


class RemoteModule(types.ModuleType):
    """A module of the other side."""

    def __getattribute__(self, name):
        if name in ("__class__", "__dict__", "__spec__", "__loader__", "__path__", "__name__", "__package__", "__file__"):
            return types.ModuleType.__getattribute__(self, name)
        return link.get_from_module(self, name)

    def __setattr__(self, name, value):
        if name in ("__spec__", "__loader__", "__path__", "__package__", "__file__", "__cached__"):
            types.ModuleType.__setattr__(self, name, value)
        elif not isinstance(value, RemoteModule):  # a submodule is there already
            link.request("set", self, name, value)

    def __delattr__(self, name):
        link.request("del", self, name)

    def __dir__(self):
        return link.request("dir", self)


class RemoteGenerator:
    """A generator of the other side."""

    __slots__ = ("__weakref__",)
    __class__ = property(lambda self: types.GeneratorType)

    def __iter__(self):
        return self

    def __next__(self):
        return link.request("method", self, "__next__", [])

    def __getattr__(self, name):
        return link.request("get", self, name)

    def __repr__(self):
        return link.request("method", self, "__repr__", [])


async def await_remote(handle):
    """A coroutine of the other side: run there as a whole when it is awaited here."""
    return link.request("await", handle)

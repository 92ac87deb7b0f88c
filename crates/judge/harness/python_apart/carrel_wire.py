"""Values on the wire between the tests' process and the learner's.

Plain values travel as typed JSON: what JSON has (null, booleans, numbers,
strings) as itself, everything else as a list that starts with a tag.
Nothing that arrives is ever evaluated, unpickled or imported by name, but
for the short tables below. A malformed value is a ProtocolError.
"""

import sys
from _operator import is_ as same

MESSAGE_BYTES_MAX = 64 << 20
SHARED_MAX = 1_000_000
EXPORTS_MAX = 2_000_000
INT_BITS_DIRECT = 60


class ProtocolError(Exception):
    """The other side sent something that no untouched agent sends."""


def make_codec():
    """JSON without the cost of `re`, which the json package imports: its C parts called directly."""
    try:
        import _json

        class Context:
            strict = True
            object_hook = None
            object_pairs_hook = None
            parse_float = float
            parse_int = int
            parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__
            memo = {}

        scan = _json.make_scanner(Context)
        encoder = _json.make_encoder(None, None, _json.encode_basestring, None, ":", ",", False, False, True)

        def dump(value):
            return "".join(encoder(value, 0))

        def load(text):
            try:
                value, end = scan(text, 0)
            except StopIteration:
                raise ValueError("not JSON") from None
            if end != len(text):
                raise ValueError("text after the JSON value")
            return value

        if load(dump([1, "\u00e9", 1.5, None])) != [1, "\u00e9", 1.5, None]:
            raise ImportError
        return dump, load
    except (ImportError, AttributeError, TypeError):
        import json

        encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
        return encoder.encode, json.loads


BUILTIN_TYPES = {
    kind.__name__: kind
    for kind in (
        bool, int, float, complex, str, bytes, bytearray, list, tuple, dict,
        set, frozenset, range, slice, object, type, memoryview, property,
        staticmethod, classmethod, super, enumerate, zip, map, filter, reversed,
    )
}
BUILTIN_TYPES["NoneType"] = type(None)
for _name, _value in vars(sys.modules["builtins"]).items():
    if isinstance(_value, type) and issubclass(_value, BaseException):
        BUILTIN_TYPES.setdefault(_value.__name__, _value)
SCALARS = frozenset([type(None), bool, int, float, str])  # as they arrive: themselves
SENT_AS_THEY_ARE = frozenset([type(None), bool, float])
BUILTIN_NAMES = {kind: name for name, kind in BUILTIN_TYPES.items()}

SHARED_TAGS = {list: "l", dict: "d", set: "t", bytearray: "B"}
SHARED_KINDS = {tag: kind for kind, tag in SHARED_TAGS.items()}
CONSTANTS = {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}


def encode_zone(zone):
    """tzinfo as a value where it is a fixed offset; None stays None."""
    if zone is None:
        return None
    if type(zone).__name__ == "timezone":
        return [zone.utcoffset(None), zone.tzname(None)]
    return [zone.utcoffset(None), str(zone)] if zone.utcoffset(None) is not None else None


# Standard types that travel by value: (module, name) -> arguments that make an equal one.
NAMED_ENCODERS = {
    ("datetime", "date"): lambda v: (v.year, v.month, v.day),
    ("datetime", "time"): lambda v: (v.hour, v.minute, v.second, v.microsecond, v.fold, encode_zone(v.tzinfo)),
    ("datetime", "datetime"): lambda v: (
        v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, v.fold,
        None if v.tzinfo is None else [v.utcoffset(), v.tzname()],
    ),
    ("datetime", "timedelta"): lambda v: (v.days, v.seconds, v.microseconds),
    ("datetime", "timezone"): lambda v: (v.utcoffset(None), v.tzname(None)),
    ("decimal", "Decimal"): lambda v: (str(v),),
    ("fractions", "Fraction"): lambda v: (v.numerator, v.denominator),
    ("collections", "deque"): lambda v: (list(v), v.maxlen),
    ("collections", "Counter"): lambda v: (dict(v),),
    ("collections", "OrderedDict"): lambda v: (list(v.items()),),
    ("collections", "defaultdict"): lambda v: (v.default_factory, dict(v)),
    ("types", "SimpleNamespace"): lambda v: (dict(vars(v)),),
    ("builtins", "dict_keys"): lambda v: (list(v),),
    ("builtins", "dict_values"): lambda v: (list(v),),
    ("builtins", "dict_items"): lambda v: (list(v),),
}


def zone_of(datetime, zone):
    return None if zone is None else datetime.timezone(zone[0], zone[1])


def make_datetime(datetime, *v):
    return datetime.datetime(*v[:7], fold=v[7], tzinfo=zone_of(datetime, v[8]))


def make_time(datetime, *v):
    return datetime.time(*v[:4], fold=v[4], tzinfo=zone_of(datetime, v[5]))


# The same backwards: name -> (module to import, maker from that module and the arguments).
NAMED_DECODERS = {
    "date": ("datetime", lambda m, y, mo, d: m.date(y, mo, d)),
    "time": ("datetime", make_time),
    "datetime": ("datetime", make_datetime),
    "timedelta": ("datetime", lambda m, d, s, u: m.timedelta(d, s, u)),
    "timezone": ("datetime", lambda m, offset, name: m.timezone(offset, name)),
    "Decimal": ("decimal", lambda m, text: m.Decimal(text)),
    "Fraction": ("fractions", lambda m, n, d: m.Fraction(n, d)),
    "deque": ("collections", lambda m, items, most: m.deque(items, most)),
    "Counter": ("collections", lambda m, items: m.Counter(items)),
    "OrderedDict": ("collections", lambda m, items: m.OrderedDict(items)),
    "defaultdict": ("collections", lambda m, factory, items: m.defaultdict(factory, items)),
    "SimpleNamespace": ("types", lambda m, items: m.SimpleNamespace(**items)),
    "dict_keys": ("builtins", lambda m, items: dict.fromkeys(items).keys()),
    "dict_values": ("builtins", lambda m, items: dict(enumerate(items)).values()),
    "dict_items": ("builtins", lambda m, items: dict(items).items()),
}


class Values:
    """Encoding and decoding of values; a Link adds handles for what has no value."""

    def __init__(self, parity):
        self.shared = {}  # id on the wire -> [container, snapshot of its contents]
        self.shared_ids = {}  # id(container) -> id on the wire
        self.next_shared = parity
        self.encoders = {
            type(None): lambda v: v,
            bool: lambda v: v,
            float: lambda v: v,
            int: lambda v: v if v.bit_length() <= INT_BITS_DIRECT else ["i", hex(v)],
            str: self.encode_text,
            tuple: lambda v: ["u", [self.encode(item) for item in v]],
            frozenset: lambda v: ["z", [self.encode(item) for item in v]],
            bytes: lambda v: ["y", v.hex()],
            complex: lambda v: ["c", v.real, v.imag],
            range: lambda v: ["g"] + [self.encode(part) for part in (v.start, v.stop, v.step)],
            slice: lambda v: ["e"] + [self.encode(part) for part in (v.start, v.stop, v.step)],
            type(Ellipsis): lambda v: ["k", "Ellipsis"],
            type(NotImplemented): lambda v: ["k", "NotImplemented"],
        }
        for kind in SHARED_TAGS:
            self.encoders[kind] = self.encode_shared
        self.decoders = {
            "i": lambda text: int(text, 16),
            "s": lambda text: bytes.fromhex(text).decode("utf-32-le", "surrogatepass"),
            "u": lambda items: tuple([self.decode(item) for item in items]),
            "z": lambda items: frozenset([self.decode(item) for item in items]),
            "y": bytes.fromhex,
            "c": lambda real, imag: complex(float(real), float(imag)),
            "g": lambda *parts: range(*[self.decode(part) for part in parts]),
            "e": lambda *parts: slice(*[self.decode(part) for part in parts]),
            "k": CONSTANTS.__getitem__,
            "b": BUILTIN_TYPES.__getitem__,
            "n": self.decode_named,
            "r": lambda number: self.shared[number][0],
        }
        for tag in SHARED_KINDS:
            self.decoders[tag] = self.shared_decoder(tag)

    def encode(self, value):
        kind = type(value)
        encoder = self.encoders.get(kind)
        if encoder is not None:
            return encoder(value)
        if kind is type and value in BUILTIN_NAMES:
            return ["b", BUILTIN_NAMES[value]]
        named = NAMED_ENCODERS.get((kind.__module__, kind.__name__))
        if named is not None:
            return ["n", kind.__name__] + [self.encode(part) for part in named(value)]
        return self.encode_reference(value)

    def decode(self, wire):
        if type(wire) is not list:
            if type(wire) is dict:
                raise ProtocolError("an object where a value belongs")
            return wire
        try:
            decoder = self.decoders[wire[0]]
            return decoder(*wire[1:])
        except (ProtocolError, RecursionError):
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise ProtocolError(f"malformed value: {error}") from error

    @staticmethod
    def encode_text(text):
        try:
            text.encode()
        except UnicodeEncodeError:
            return ["s", text.encode("utf-32-le", "surrogatepass").hex()]
        return text

    def decode_named(self, name, *parts):
        module, make = NAMED_DECODERS[name]
        return make(__import__(module), *[self.decode(part) for part in parts])

    # Lists, dictionaries, sets and byte arrays have an identity on both sides. Each
    # side keeps a copy, and every message carries the contents of those that changed.

    def encode_shared(self, value):
        number = self.shared_ids.get(id(value))
        if number is not None:
            return ["r", number]
        number = self.next_shared
        self.next_shared += 2
        self.remember(number, value)
        return [SHARED_TAGS[type(value)], number, self.encode_contents(value)]

    def shared_decoder(self, tag):
        def decode(number, contents):
            if type(number) is not int or number in self.shared or number % 2 == self.next_shared % 2:
                raise ProtocolError("a shared container with a wrong number")
            value = SHARED_KINDS[tag]()
            self.remember(number, value)
            self.fill(value, contents)
            self.shared[number][1] = snapshot(value)
            return value

        return decode

    def remember(self, number, value):
        if len(self.shared) >= SHARED_MAX:
            raise ProtocolError("too many lists and dictionaries in one call")
        self.shared[number] = [value, snapshot(value)]
        self.shared_ids[id(value)] = number

    def forget(self, numbers):
        for number in numbers:
            entry = self.shared.pop(number, None)
            if entry is not None:
                del self.shared_ids[id(entry[0])]

    def encode_contents(self, value):
        if type(value) is dict:
            return [[self.encode(key), self.encode(item)] for key, item in value.items()]
        if type(value) is bytearray:
            return value.hex()
        return [item if type(item) in SENT_AS_THEY_ARE else self.encode(item) for item in value]

    def fill(self, value, contents):
        kind = type(value)
        if kind is bytearray:
            value[:] = bytes.fromhex(contents)
        elif kind is dict:
            value.clear()
            value.update({self.decode(key): self.decode(item) for key, item in contents})
        elif kind is set:
            value.clear()
            value.update([self.decode(item) for item in contents])
        else:
            value[:] = [item if type(item) in SCALARS else self.decode(item) for item in contents]

    def encode_changes(self):
        """The containers that this side changed since the last message."""
        changes = []
        for number, entry in list(self.shared.items()):
            if changed(entry[0], entry[1]):
                entry[1] = snapshot(entry[0])
                changes.append([number, self.encode_contents(entry[0])])
        return changes

    def apply_changes(self, changes):
        for number, contents in changes:
            entry = self.shared.get(number)
            if entry is None:
                raise ProtocolError("a change of an unknown container")
            try:
                self.fill(entry[0], contents)
            except (TypeError, ValueError) as error:
                raise ProtocolError(f"malformed change: {error}") from error
            entry[1] = snapshot(entry[0])


def snapshot(value):
    """What is needed to see later whether the container was changed: its very elements."""
    kind = type(value)
    if kind is dict:
        return (list(value), list(value.values()))
    if kind is bytearray:
        return bytes(value)
    return list(value)


def changed(value, before):
    kind = type(value)
    if kind is list:
        return differ(value, before)
    if kind is dict:
        return differ(value, before[0]) or differ(value.values(), before[1])
    if kind is bytearray:
        return value != before
    return differ(value, before)


def differ(now, before):
    """Other elements, by identity: equality could ask the other side."""
    return len(now) != len(before) or not all(map(same, now, before))

"""The conversation between the tests' process and the learner's.

One message is four bytes of length and a JSON array
[kind, body, changes, releases, forgotten, printed]. A request is answered by
a value or an exception; while it waits, the asking side answers requests of
the other one, so calls nest as they would in one process.
"""

import _thread
import os
import sys

import carrel_proxy as proxy
from carrel_objects import Objects
from carrel_wire import MESSAGE_BYTES_MAX, ProtocolError, make_codec

NESTING_MAX = 150
PRINTED_MAX = 64 << 10

dump, load = make_codec()


class LinkBroken(BaseException):
    """The other process is gone or talks nonsense. Not an Exception: tests must not catch it by chance."""


class Link(Objects):
    """One end of the conversation. `serve_<operation>` methods answer the other end's requests."""

    trusted = False  # the learner's side takes the word of the tests' side, not the other way round

    def __init__(self, read_from, write_to, parity):
        super().__init__(parity)
        self.read_from = read_from
        self.write_to = write_to
        self.turn = _thread.RLock()
        self.depth = 0
        self.broken = None
        self.local_classes = set()  # classes of this side derived from stand-ins
        self.named_classes = set()  # stand-in classes that this side asked for by name
        self.forgotten = []
        self.printed = []
        proxy.link = self

    # Messages

    def read_exactly(self, count):
        parts = []
        while count:
            part = os.read(self.read_from, min(count, 1 << 20))
            if not part:
                raise LinkBroken("the other process is gone")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def send(self, kind, body):
        text = dump([kind, body, self.encode_changes(), self.released, self.forgotten, self.printed])
        self.released, self.forgotten, self.printed = [], [], []
        data = text.encode()
        if len(data) > MESSAGE_BYTES_MAX:
            raise ProtocolError("a message of more than 64 MiB")
        data = len(data).to_bytes(4, "little") + data
        try:
            while data:
                data = data[os.write(self.write_to, data):]
        except OSError as error:
            raise LinkBroken("the other process is gone") from error

    def receive(self):
        length = int.from_bytes(self.read_exactly(4), "little")
        if length > MESSAGE_BYTES_MAX:
            raise ProtocolError("a message of more than 64 MiB")
        message = load(self.read_exactly(length).decode())
        if type(message) is not list or len(message) != 6 or not all(type(part) is list for part in message[2:]):
            raise ProtocolError("malformed message")
        kind, body, changes, releases, forgotten, printed = message
        if kind not in ("q", "a", "x"):
            raise ProtocolError("malformed message")
        for number, count in releases:
            self.release(number, count)
        if printed:
            self.show_printed(printed)
        if self.trusted:
            self.forget(forgotten)
        return kind, body, changes

    def accept(self, body, changes):
        value = self.decode(body)
        self.apply_changes(changes)
        return value

    def request(self, operation, *arguments):
        """Asks the other side and returns its answer, or raises its exception."""
        with self.turn:
            if self.broken is not None:
                raise LinkBroken(self.broken)
            if self.depth >= NESTING_MAX:
                raise RecursionError("too many calls between the tests and the program within each other")
            if self.depth == 0:
                self.trim()
            body = [operation, [self.encode(argument) for argument in arguments]]
            self.depth += 1
            try:
                self.send("q", body)
                kind, value = self.wait()
            except (ProtocolError, ValueError, TypeError, LookupError, RecursionError) as error:
                self.broken = f"malformed answer: {error}"
                raise LinkBroken(self.broken) from error
            except (LinkBroken, OSError) as error:
                self.broken = self.broken or str(error)
                raise LinkBroken(self.broken) from None
            finally:
                self.depth -= 1
        if kind == "x":
            raise value
        return value

    def wait(self):
        while True:
            kind, body, changes = self.receive()
            if kind == "q":
                self.serve(body, changes)
                continue
            value = self.accept(body, changes)
            if kind == "x" and not isinstance(value, BaseException):
                raise ProtocolError("an exception that is none")
            return kind, value

    def serve(self, body, changes):
        operation, arguments = body
        try:
            arguments = [self.decode(argument) for argument in arguments]
            self.apply_changes(changes)
            handler = getattr(self, "serve_" + operation, None)
            if handler is None:
                raise ProtocolError(f"unknown operation {operation}")
        except AttributeError as error:
            raise ProtocolError(f"malformed request: {error}") from error
        try:
            answer = "a", self.encode(self.perform(handler, arguments))
        except (LinkBroken, ProtocolError):
            raise
        except BaseException as error:
            answer = "x", self.encode_error(error)
        self.send(*answer)

    def perform(self, handler, arguments):
        return handler(*arguments)

    def call(self, target, arguments, keywords):
        return self.request("call", target, arguments, tuple(keywords.items()))

    def show_printed(self, printed):
        raise ProtocolError("output where none belongs")

    def trim(self):
        """Called before a request that nothing encloses."""

    # What stand-ins ask for

    def equal_base(self, stand_in, other):
        """A stand-in against a plain value: only the plain value of its base type counts."""
        for kind in proxy.MUTABLE_BASES:
            if isinstance(other, kind):
                value = self.request("base", stand_in)
                return value == other if isinstance(value, kind) else NotImplemented
        return NotImplemented

    def is_named(self, cls):
        """Whether this side asked for the class, or one that it extends, by name."""
        for ancestor in cls.__mro__:
            if ancestor in self.named_classes:
                return True
        return False

    def get_named(self, owner, name):
        """An attribute of a module or class; a class that is found there counts as named."""
        value = self.request("get", owner, name)
        if isinstance(value, proxy.RemoteClass):
            self.named_classes.add(value)
        return value

    def get_from_module(self, module, name):
        if name != "__all__":
            return self.get_named(module, name)
        try:
            return self.request("get", module, name)
        except AttributeError:
            return [name for name in self.request("dir", module) if not name.startswith("_")]

    def make_subclass(self, mcs, name, bases, namespace):
        raise TypeError("a class of the tests cannot be extended here")


class SitePackages:
    """Last resort of imports: the environment's libraries, looked for only once somebody needs one."""

    def find_spec(self, name, path=None, target=None):
        sys.meta_path.remove(self)
        import site

        site.main()
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None

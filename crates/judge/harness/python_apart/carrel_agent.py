"""The learner's process: loads the learner's modules and answers calls. It knows no test and no result."""

import builtins
import io
import os
import sys

import carrel_proxy as proxy
from carrel_link import PRINTED_MAX, Link, LinkBroken, SitePackages
from carrel_objects import PLAIN_BASES
from carrel_wire import ProtocolError


class Agent(Link):
    """The learner's end."""

    trusted = True

    def perform(self, handler, arguments):
        # Other threads of the program may ask the tests' side only while a call runs.
        self.turn.release()
        try:
            return handler(*arguments)
        finally:
            self.turn.acquire()

    def serve_import(self, name):
        __import__(name)
        return sys.modules[name]

    def serve_call(self, target, arguments, keywords):
        return target(*arguments, **dict(keywords))

    def serve_get(self, target, name):
        return getattr(target, name)

    def serve_set(self, target, name, value):
        setattr(target, name, value)

    def serve_del(self, target, name):
        delattr(target, name)

    def serve_item(self, target, key):
        return target[key]

    def serve_dir(self, target):
        return dir(target)

    def serve_method(self, target, name, arguments):
        return getattr(type(target), name)(target, *arguments)

    def serve_member(self, cls, target, name):
        return vars(cls)[name].__get__(target, cls)

    def serve_raw(self, cls, name):
        return vars(cls)[name]

    def serve_base(self, target):
        for kind in proxy.MUTABLE_BASES:
            if isinstance(target, kind):
                return PLAIN_BASES[kind](target)
        return None

    def serve_copy(self, target, deep):
        import copy

        return copy.deepcopy(target) if deep else copy.copy(target)

    def serve_await(self, coroutine):
        import asyncio

        return asyncio.run(coroutine)

    def serve_subclass(self, name, bases, functions, values):
        namespace = dict(values)
        for key, function in functions.items():
            namespace[key] = make_method(function)
        return type(bases[0])(name, tuple(bases), namespace)

    def serve_patch(self, module, name, value):
        __import__(module)
        setattr(sys.modules[module], name, value)

    def serve_peek(self, module, name):
        __import__(module)
        return getattr(sys.modules[module], name)

    def serve_seed(self, arguments):
        import random

        random.seed(*arguments)

    def decode_global(self, module, name):
        __import__(module)
        value = sys.modules[module]
        for part in name.split("."):
            value = getattr(value, part)
        return value

    def loop(self):
        self.turn.acquire()
        while True:
            kind, body, changes = self.receive()
            if kind != "q":
                raise ProtocolError("an answer without a question")
            self.serve(body, changes)


def make_method(function):
    def method(self, *arguments, **keywords):
        return function(self, *arguments, **keywords)

    return method


class Printed(io.TextIOWrapper):
    """Standard output or error: written at once to the sandbox's stream, and told to the tests with the answer."""

    def __init__(self, descriptor, number, agent):
        super().__init__(io.FileIO(descriptor, "w", closefd=False), "utf-8", "backslashreplace", "\n", write_through=True)
        self.number = number
        self.agent = agent

    def write(self, text):
        count = super().write(text)
        self.agent.printed.append([self.number, text[:PRINTED_MAX]])
        if len(self.agent.printed) > 2_000:
            joined = "".join(part for number, part in self.agent.printed if number == self.number)
            rest = [entry for entry in self.agent.printed if entry[0] != self.number]
            self.agent.printed[:] = rest + [[self.number, joined[:PRINTED_MAX]]]
        return count


class Typed:
    """Standard input: what the tests put in place of theirs, else empty."""

    encoding = "utf-8"

    def __init__(self, agent):
        self.agent = agent

    def read(self, size=-1):
        return self.agent.request("stdin", "read", size)

    def readline(self, size=-1):
        return self.agent.request("stdin", "readline", size)

    def readlines(self):
        return list(self)

    def __iter__(self):
        return iter(self.readline, "")

    def isatty(self):
        return False

    def fileno(self):
        return 0


def main():
    """Takes the two pipes away from the standard streams, then serves."""
    requests, answers = os.dup(0), os.dup(1)
    empty = os.open("/dev/null", os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    sys.path[0] = sys.argv[1]
    agent = Agent(requests, answers, 1)
    sys.stdout = sys.__stdout__ = Printed(1, 1, agent)
    sys.stderr = sys.__stderr__ = Printed(2, 2, agent)
    sys.stdin = sys.__stdin__ = Typed(agent)
    sys.argv = [""]
    builtins.input = lambda prompt="": agent.request("input", str(prompt))
    from _sitebuiltins import Quitter

    builtins.exit = Quitter("exit", "Ctrl-D")
    builtins.quit = Quitter("quit", "Ctrl-D")
    sys.meta_path.append(SitePackages())
    code = 0
    try:
        agent.loop()
    except LinkBroken:
        pass
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 70
    os._exit(code)

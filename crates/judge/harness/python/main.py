"""Runs unittest or pytest tests beside the learner's code in one process.

For checks with `apart = false`. Python lets code read everything in its process, so this is the weaker way:
docs/check-integrity.md says what it notices. Everything that decides is kept in locals before the learner's
code is loaded.
"""
import os
import sys

_directory = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _directory)
from channel import open_channel  # noqa: E402

_given, _emit = open_channel()
_leave = os._exit


def _guard():
    """Doors that honest solutions do not use."""
    import gc
    import ctypes  # noqa: F401  loaded now, so that blocking it below is final

    def refuse(name):
        def refused(*_, **__):
            raise PermissionError(f"{name} is not available while tests run")

        return refused

    for name in ("get_objects", "get_referrers", "get_referents"):
        setattr(gc, name, refuse(f"gc.{name}"))
    for name in [name for name in sys.modules if name.split(".")[0] in ("ctypes", "_ctypes")]:
        del sys.modules[name]
    for name in ("ctypes", "_ctypes"):
        sys.modules[name] = None
    for name in ("_getframe", "settrace", "setprofile", "_current_frames"):
        pass  # tracebacks and dataclasses need frames: told in docs/check-integrity.md

    def audit(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            path = os.fsdecode(arguments[0])
            if path.startswith("/proc") or "/proc/" in path:
                raise PermissionError(13, "Permission denied", path)

    sys.addaudithook(audit)


def main():
    emit, given = _emit, _given
    kind = given["options"].get("framework", "unittest")
    uses_pytest = kind == "pytest" or any(b"import pytest" in given["files"][name] for name in given["mains"])
    if uses_pytest:
        import pytest_suite as suite
    else:
        import unittest_suite as suite
    sys.path.remove(_directory)
    sys.modules.pop("channel", None)
    del globals()["_given"], globals()["_emit"]
    _guard()
    os.chdir("/work")
    sys.path.insert(0, "/work")
    suite.run(given, emit, _leave)
    emit("end")
    _leave(0)


main()

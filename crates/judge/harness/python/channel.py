"""The report channel. The key lives in a closure, not in a module that the learner's code can import."""
import os
import sys


def _read(descriptor):
    parts = []
    while True:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            return b"".join(parts)
        parts.append(piece)


def open_channel():
    """Reads the input blocks (framework/session.rs); gives them and the function that writes records."""
    data = _read(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    channel = os.dup(3)
    os.set_inheritable(channel, False)
    given = {"options": {}, "files": {}, "mains": [], "canaries": {"pass": {}, "fail": {}}}
    secret = b""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        kind, name_length, content_length = data[at:end].decode().split(" ")
        name_end = end + 1 + int(name_length)
        content_end = name_end + int(content_length)
        name = data[end + 1:name_end].decode()
        content = data[name_end:content_end]
        at = content_end + 1
        if kind == "key":
            secret = content
        elif kind == "option":
            given["options"][name] = content.decode()
        elif kind == "canary":
            given["canaries"][name]["name"] = content.decode()
        elif kind == "place":
            given["canaries"][name]["place"] = int(content)
        elif kind == "main":
            given["mains"].append(name)
        else:
            given["files"][name] = content
    look, leave, identity = os.fstat, os._exit, os.fstat(channel).st_ino
    write, text, plain = os.write, str, frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~")
    encode_table = [bytes([byte]) if byte in plain else b"%%%02x" % byte for byte in range(256)]
    count = [0]

    def encode(value):
        return b"".join([encode_table[byte] for byte in text(value)[:60000].encode("utf-8", "replace")])

    def emit(verb, *fields):
        record = b"\n%s %d %s" % (secret, count[0], verb.encode())
        for name, value in fields:
            record += b" " + name.encode() + b"=" + encode(value)
        count[0] += 1
        record += b"\n"
        # Nothing is said to a file that was put in the place of the channel.
        if look(channel).st_ino != identity:
            leave(70)
        while record:
            record = record[write(channel, record):]

    sys.modules.pop("channel", None)
    return given, emit

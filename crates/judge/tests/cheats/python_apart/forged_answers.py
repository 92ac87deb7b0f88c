"""Speaks the protocol: answers each question with well-formed messages of its own, and asks for more."""
# outcome: any
import json
import os
import sys

agent = None
for module in list(sys.modules.values()):
    for thing in list(vars(module).values()) if hasattr(module, "__dict__") else []:
        if type(thing).__name__ == "Agent":
            agent = thing
if agent is None:
    import gc

    agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent")


def send(kind, body):
    data = json.dumps([kind, body, [], [], [], []]).encode()
    os.write(agent.write_to, len(data).to_bytes(4, "little") + data)


def double(value):
    for wire in (["b", "eval"], ["G", "os", "system"], ["o", 1], ["r", 2], ["k", "NotImplemented"], ["h", 1, ["b", "int"], 4]):
        send("a", wire)
        send("q", ["get", [["o", 1], "__globals__"]])
        send("q", ["call", [["b", "type"], ["u", [4]], ["d", 1, []]]])
    return value


apply = double

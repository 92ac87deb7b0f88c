# A program of names that mean something to shells and terminals, given as an argument and echoed.
# Must: arrive as plain data.
# expect: exited 0
# needs: python
import os, sys
if any(name.startswith("CARREL") for name in os.environ):
    sys.exit(1)
os.execv("/bin/echo", ["$(reboot)", "-e", "\x1b[2J`id`\n;|&<>", "\udcff"])

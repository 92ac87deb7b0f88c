# Sets loader variables and Python start files so that later programs load its code.
# Must: reach only its own run.
# expect: exited 0
# needs: python
import pathlib
for place in ("/tmp", "/work", "/dev/shm"):
    pathlib.Path(place, "sitecustomize.py").write_text("print('THROUGH')")
    pathlib.Path(place, "usercustomize.py").write_text("print('THROUGH')")
for place in ("/etc/ld.so.preload", "/usr/lib/python3/sitecustomize.py", "/etc/profile"):
    try:
        pathlib.Path(place).write_text("x")
    except OSError:
        continue
    raise SystemExit(1)

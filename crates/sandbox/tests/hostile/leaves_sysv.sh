# Looks for a SysV segment of an earlier run, and leaves one.
# Must: find none: every run has IPC of its own.
# expect: exited 0
# needs: python
# without: ipc -> exited 0 | exited 1; then: exited 1
/usr/bin/python3 - <<'END'
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
found = libc.shmget(0x4712, 4096, 0)
if found >= 0:
    libc.shmctl(found, 0, None)
    sys.exit(1)
libc.shmget(0x4712, 4096, 0o1666)
END

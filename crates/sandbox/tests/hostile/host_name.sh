# Reads the host's name.
# Must: see the sandbox's.
# expect: exited 0
# without: uts -> exited 1
[ "$(uname -n)" = carrel ]

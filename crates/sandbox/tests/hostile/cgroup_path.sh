# Reads the path of its control group.
# Must: see none of the host's path.
# expect: exited 0
# without: cgroup_namespace -> exited 1
if grep -q carrel /proc/self/cgroup; then exit 1; fi; exit 0

# Looks for files of the host outside the environment.
# Must: find none.
# expect: exited 0
# without: mounts+landlock -> exited 1
for place in /sys/kernel /proc/sys/kernel /run/carrel /root /boot /var; do if [ -e $place ]; then echo $place; exit 1; fi; done; exit 0

# Writes 100 MB to a disk of 4 MB, in files.
# Must: be stopped by the disk limit, and the report says that the disk was full.
# expect: exited 0
# limits: disk_bytes=4194304
# full: yes
# without: tmpfs -> exited 1; full: no
i=0; while [ $i -lt 20 ]; do head -c 1000000 /dev/zero >"/tmp/f$i" 2>/dev/null || exit 0; i=$((i+1)); done; exit 1

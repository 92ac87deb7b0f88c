// Reads kernel and host secrets in /proc and /sys.
// Must: find none of these files.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *files[] = {"/proc/kcore", "/proc/kallsyms", "/proc/kmsg", "/proc/keys", "/proc/key-users", "/proc/cmdline", "/proc/modules",
        "/proc/version", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/random/boot_id",
        "/proc/mounts_", "/proc/timer_list", "/proc/iomem", "/proc/net/unix", "/sys/kernel/notes", "/sys/class/dmi/id/product_uuid", "/sys/fs/cgroup/cgroup.procs", "/etc/shadow", "/etc/machine-id", "/probe/secret"};
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) unreadable(files[i]);
    return through;
}

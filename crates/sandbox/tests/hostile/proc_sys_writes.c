// Writes to kernel settings.
// Must: be refused.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *files[] = {"/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/hostname", "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/proc/self/loginuid", "/sys/kernel/uevent_helper"};
    for (int i = 0; i < 9; i++) {
        int file = open(files[i], O_WRONLY);
        refused(files[i], file >= 0 ? write(file, "0", 1) : -1);
    }
    return through;
}

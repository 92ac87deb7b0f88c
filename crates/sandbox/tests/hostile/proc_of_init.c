// Reads and enters what /proc shows of process 1: memory, environment, descriptors, root, maps.
// Must: see nothing of it.
// expect: exited 0
// without: credentials+landlock -> exited 1 | exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *files[] = {"environ", "mem", "maps", "auxv", "stack", "syscall", "cmdline", "fd/0", "fd/3", "fd/4", "root/etc/passwd", "cwd", "exe", "pagemap", "io"};
    char path[64];
    for (int i = 0; i < 15; i++) { snprintf(path, sizeof path, "/proc/1/%s", files[i]); unreadable(path); }
    refused("chdir /proc/1/root", chdir("/proc/1/root"));
    refused("chdir /proc/1/cwd", chdir("/proc/1/cwd"));
    return through;
}

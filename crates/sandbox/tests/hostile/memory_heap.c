// Touches 200 MB of heap where 48 MB are allowed.
// Must: be told as the memory limit.
// expect: limit memory
// limits: memory_bytes=50331648
// without: cgroup_memory+resource_limits -> exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 100; i++) {
        char *block = malloc(2 << 20);
        if (!block) return 3;
        memset(block, 1, 2 << 20);
    }
    return through;
}

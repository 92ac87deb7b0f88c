// Mounts or finds cgroup files to leave its group, lift limits or set a release agent.
// Must: find none.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    const char *files[] = {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory.max"};
    for (int i = 0; i < 5; i++) refused(files[i], open(files[i], O_WRONLY));
    refused("clone into a cgroup", syscall(SYS_clone3, (uint64_t[11]){1ULL << 33}, 88));
    return through;
}

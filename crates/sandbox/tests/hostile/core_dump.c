// Crashes after asking for a core, and after switching off the bound that keeps a host's core helper out.
// Must: leave no core; the crash is told.
// expect: signalled 11
// collect: core
// collected: absent
// without: seccomp -> exited 1
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct rlimit limit = {0, 0};
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &limit);
    syscall(SYS_setrlimit, RLIMIT_CORE, &limit);
    getrlimit(RLIMIT_CORE, &limit);
    if (limit.rlim_max != 1 || limit.rlim_cur != 1) return 1;
    volatile int *nowhere = NULL; *nowhere = 1;
    return through;
}

// Tries real-time and deadline scheduling, a better nice value, pinning and io priority.
// Must: be refused everything that would take time from others.
// expect: exited 0
// without: seccomp+resource_limits -> exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    struct sched_param first = {.sched_priority = 1};
    refused("SCHED_FIFO", sched_setscheduler(0, SCHED_FIFO, &first));
    refused("SCHED_RR", sched_setscheduler(0, SCHED_RR, &first));
    refused("nice -5", setpriority(PRIO_PROCESS, 0, -5));
    uint64_t deadline[7] = {48 | (6ULL << 32), 0, 0, 10000000, 20000000, 20000000, 0};
    refused("SCHED_DEADLINE", syscall(SYS_sched_setattr, 0, deadline, 0));
    refused("ioprio real-time", syscall(SYS_ioprio_set, 1, 0, (1 << 13) | 0));
    cpu_set_t processors; CPU_ZERO(&processors); CPU_SET(0, &processors);
    sched_setaffinity(0, sizeof processors, &processors);
    setpriority(PRIO_PROCESS, 0, 19);
    return through;
}

// Changes scheduling of process 1, and of processes by guessed number.
// Must: be refused for whoever is not its own.
// expect: exited 0
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    cpu_set_t processors; CPU_ZERO(&processors); CPU_SET(0, &processors);
    refused("affinity of process 1", sched_setaffinity(1, sizeof processors, &processors));
    struct sched_param none = {0};
    refused("policy of process 1", sched_setscheduler(1, SCHED_IDLE, &none));
    refused("nice of process 1", setpriority(PRIO_PROCESS, 1, 19));
    struct rlimit low = {1, 1};
    refused("limits of process 1", prlimit(1, RLIMIT_NOFILE, &low, NULL));
    return through;
}

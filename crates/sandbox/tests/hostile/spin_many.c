// Four processes spin: each is below the processor limit, together they are not.
// Must: be told as the processor limit; the time of all counts.
// expect: limit cpu
// limits: cpu_ms=400 wall_ms=20000 cpu_rate_milli=2000
// without: cgroup_cpu -> limit wall | signalled 24 | limit cpu | exited 0; cpu_over: yes
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 3; i++) if (fork() == 0) break;
    struct timespec used;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used); while (used.tv_sec == 0 && used.tv_nsec < 350000000);
    while (wait(NULL) > 0) ;
    return through;
}

// Threads that ask for barriers on all processors, without end: each makes the kernel interrupt or wait for the others.
// Must: be ended by a clock.
// expect: limit cpu | limit wall | exited 0
// limits: wall_ms=1000
#include "hostile.h"

static void *storm(void *none) {
    syscall(SYS_membarrier, 16 /* register private expedited */, 0, 0);
    syscall(SYS_membarrier, 4 /* register global expedited */, 0, 0);
    int answered = 0;
    for (;;) {
        answered = 0;
        for (int command = 1; command <= 128; command <<= 1) answered |= syscall(SYS_membarrier, command, 0, 0) == 0;
        if (!answered) return none;
    }
}

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    pthread_t thread;
    for (int i = 0; i < 15; i++) pthread_create(&thread, NULL, storm, NULL);
    storm(NULL);
    return through;
}

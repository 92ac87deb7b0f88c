// Starts threads until it can no more, then goes on trying.
// Must: be refused at the process limit, which counts threads; ended by a clock.
// expect: limit wall | limit cpu
// limits: processes=20 wall_ms=500
// refused: yes
#include "hostile.h"

static void *sleeper(void *none) { pause(); return none; }

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    pthread_t thread;
    for (;;) if (pthread_create(&thread, NULL, sleeper, NULL)) sched_yield();
    return through;
}

// Execs itself for ever.
// Must: be ended by the processor or the wall clock.
// expect: limit cpu | limit wall
// limits: cpu_ms=200 wall_ms=3000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    execv("/proc/self/exe", argv);
    return 2;
    return through;
}

// Every process forks for ever.
// Must: be refused at the process limit, be ended by a clock, and leave nobody.
// expect: limit wall | limit cpu
// limits: processes=20 wall_ms=500
// refused: yes
// without: cgroup_pids -> limit wall | limit cpu; refused: no
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (;;) fork();
    return through;
}

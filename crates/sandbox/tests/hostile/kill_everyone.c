// Kills everybody it can: process 1, its parent, its group, all.
// Must: reach nobody but itself.
// expect: exited 0
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    kill(1, SIGKILL); kill(1, SIGTERM); kill(getppid(), SIGKILL); kill(-1, SIGKILL);
    for (int pid = 2; pid < 4000; pid++) if (pid != getpid()) kill(pid, SIGKILL);
    return through;
}

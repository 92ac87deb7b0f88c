// Locks files of the environment and leaves a daemon to hold the locks.
// Must: end with the run: the next one can lock them.
// expect: exited 0
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int file = open("/etc/passwd", O_RDONLY), other = open("/usr/bin/env", O_RDONLY);
    if (flock(file, LOCK_EX | LOCK_NB) || flock(other, LOCK_EX | LOCK_NB)) return 4;
    if (fork() == 0) { setsid(); for (;;) pause(); }
    return through;
}

// Renames itself and its argv to look like process 1 and stays behind as a daemon.
// Must: die with the run.
// expect: exited 0
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    prctl(PR_SET_NAME, "carrel-keeper", 0, 0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    memcpy(argv[0], "init", 5);
    if (fork() == 0) { setsid(); for (;;) pause(); }
    return through;
}

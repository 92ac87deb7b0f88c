// A daemon: fork, setsid, fork, all streams closed; it sleeps on after the program has ended.
// Must: not outlive the run; the verdict does not wait for it.
// expect: exited 0
// limits: wall_ms=20000
// without: pids -> fault; survivors: yes
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (fork() == 0) {
        setsid();
        if (fork() == 0) { for (int i = 0; i < 64; i++) close(i); for (;;) pause(); }
        _exit(0);
    }
    wait(NULL);
    return through;
}

// Stops its parent, its group and every process it can signal, then itself.
// Must: be ended by the wall clock: nobody that keeps time can be stopped.
// expect: limit wall
// limits: wall_ms=300
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 4; i++) fork();
    kill(getppid(), SIGSTOP); kill(1, SIGSTOP); kill(-1, SIGSTOP); kill(0, SIGSTOP);
    for (;;) raise(SIGSTOP);
    return through;
}

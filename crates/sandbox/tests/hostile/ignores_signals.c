// Ignores and blocks every signal that can be, and spins.
// Must: be killed by the processor limit all the same.
// expect: limit cpu
// limits: cpu_ms=200 wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    sigset_t all;
    for (int i = 1; i < 65; i++) signal(i, SIG_IGN);
    sigfillset(&all); sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;) ;
    return through;
}

// A daemon keeps standard output and error open after the program has ended.
// Must: not hold up the report; the program's own ending is told.
// expect: exited 7
// limits: wall_ms=20000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (fork() == 0) { setsid(); for (;;) pause(); }
    return 7;
    return through;
}

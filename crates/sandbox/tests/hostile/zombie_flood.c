// Makes children that end and never waits for them.
// Must: fill only its own process limit; zombies are reaped with the sandbox.
// expect: exited 0
// limits: processes=20
// refused: yes
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (int i = 0; i < 200; i++) if (fork() == 0) _exit(0);
    return through;
}

// Runs a program of the environment that belongs to root and has the setuid bit.
// Must: run as whoever it was before.
// expect: exited 0
// needs: setuid
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    execl("/probe/setuid", "setuid", NULL);
    return 4;
    return through;
}

// Endless recursion.
// Must: end with a segmentation fault at the stack limit.
// expect: signalled 11
// limits: stack_bytes=1048576
#include "hostile.h"

static int deeper(int n) { volatile char room[4096]; room[n % 4096] = 1; return deeper(n + 1) + room[0]; }

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    return deeper(1) == 5;
    return through;
}

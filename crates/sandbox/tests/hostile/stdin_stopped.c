// Reads a byte of 8 MB of input and sleeps.
// Must: be told as the wall limit.
// expect: limit wall
// limits: wall_ms=300
// stdin_bytes: 8000000
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    char byte; if (read(0, &byte, 1) != 1) return 3;
    for (;;) pause();
    return through;
}

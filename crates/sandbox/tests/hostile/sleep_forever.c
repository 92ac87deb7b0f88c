// Sleeps.
// Must: be told as the wall limit.
// expect: limit wall
// limits: wall_ms=200
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    for (;;) pause();
    return through;
}

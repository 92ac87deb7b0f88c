// A vfork child sleeps for ever, its parent waits in the kernel where no signal but one reaches it.
// Must: be ended by the wall clock.
// expect: limit wall
// limits: wall_ms=300
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    if (vfork() == 0) for (;;) pause();
    return through;
}

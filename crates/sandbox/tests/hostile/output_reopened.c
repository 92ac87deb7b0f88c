// Opens /dev/stdout anew, changes its pipe's size and mode, and floods it.
// Must: be told as the output limit.
// expect: limit output
// limits: output_bytes=65536
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    int out = open("/dev/stdout", O_WRONLY);
    if (out < 0) return 3;
    fcntl(out, F_SETPIPE_SZ, 1 << 20); fcntl(out, F_SETFL, O_NONBLOCK); fchmod(out, 0);
    static char block[1 << 16];
    for (;;) if (write(out, block, sizeof block) < 0) sched_yield();
    return through;
}

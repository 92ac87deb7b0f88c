// Fills as many pipes as it can open, in many processes.
// Must: stay within the memory limit: told as it, or bounded by the limits on descriptors and pipes.
// expect: exited 0 | limit memory
// limits: memory_bytes=33554432 processes=30
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 16];
    for (int i = 0; i < 25; i++) if (fork() == 0) break;
    int ends[2];
    while (pipe2(ends, O_NONBLOCK) == 0) {
        fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
        while (write(ends[1], block, sizeof block) > 0) ;
    }
    while (wait(NULL) > 0) ;
    return through;
}

// Fills the buffers of as many socket pairs as it can open, in many processes.
// Must: stay within the memory limit: told as it, or bounded by the limit on descriptors.
// expect: exited 0 | limit memory
// limits: memory_bytes=33554432 processes=30
#include "hostile.h"

int main(int argc, char **argv) {
    (void)argc; (void)argv;
    static char block[1 << 12];
    for (int i = 0; i < 25; i++) if (fork() == 0) break;
    int ends[2];
    while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0) {
        while (write(ends[0], block, sizeof block) > 0) ;
        while (write(ends[1], block, sizeof block) > 0) ;
    }
    while (wait(NULL) > 0) ;
    return through;
}
